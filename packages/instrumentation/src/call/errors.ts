/** What an SDK's error says to a span and a price. Reads by shape: the classes of two copies of an SDK are not the same. */

interface ErrorShape {
  readonly status?: unknown;
  /** SDKs by Speakeasy and Fern. */
  readonly statusCode?: unknown;
  /** Ollama. */
  readonly status_code?: unknown;
  /** AWS. */
  readonly $metadata?: { readonly httpStatusCode?: unknown };
  readonly type?: unknown;
  readonly code?: unknown;
  readonly name?: unknown;
  readonly cause?: unknown;
}

/** Names and classes of errors that say that the app broke off. */
const ABORTS: ReadonlySet<unknown> = new Set([
  'AbortError',
  'APIUserAbortError',
  'RequestAbortedError',
  'GoogleGenerativeAIAbortError',
]);

/** HTTP status of an SDK error, if the provider answered. */
export function httpStatus(error: unknown): number | undefined {
  const { status, statusCode, status_code, $metadata } = shape(error) ?? {};
  const found = status ?? statusCode ?? status_code ?? $metadata?.httpStatusCode;
  return typeof found === 'number' ? found : undefined;
}

/** Whether the app itself broke off: that is no error. */
export function isAbort(error: unknown): boolean {
  if (ABORTS.has(classOf(error)) || ABORTS.has(shape(error)?.name)) return true;
  // openai 7 breaks off by itself when the time is up, and says so by the class.
  if (/Timeout/.test(classOf(error))) return false;
  // An SDK's own error, made of the platform's.
  return httpStatus(error) === undefined && ABORTS.has(shape(shape(error)?.cause)?.name);
}

/** `error.type`: the HTTP status where the provider answered with one, else the provider's error type, else the class name. */
export function errorType(error: unknown): string {
  const { type, code } = shape(error) ?? {};
  const status = httpStatus(error);
  if (status !== undefined) return String(status);
  if (typeof type === 'string' && type !== '') return type;
  if (typeof code === 'string' && code !== '') return code;
  return classOf(error);
}

function shape(error: unknown): ErrorShape | undefined {
  return typeof error === 'object' && error !== null ? (error as ErrorShape) : undefined;
}

function classOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  return error.constructor?.name || 'Error';
}
