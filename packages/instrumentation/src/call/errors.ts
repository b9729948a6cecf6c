/** What an SDK's error says to a span and a price. Reads by shape: the classes of two copies of an SDK are not the same. */

interface ErrorShape {
  readonly status?: unknown;
  /** Speakeasy's name for the status. */
  readonly statusCode?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly name?: unknown;
}

/** Classes of errors that say that the app broke off. */
const ABORTS: ReadonlySet<string> = new Set([
  'APIUserAbortError',
  'RequestAbortedError',
  'GoogleGenerativeAIAbortError',
]);

/** HTTP status of an SDK error, if the provider answered. */
export function httpStatus(error: unknown): number | undefined {
  const { status, statusCode = status } = shape(error) ?? {};
  return typeof statusCode === 'number' ? statusCode : undefined;
}

/** Whether the app itself broke off: that is no error. */
export function isAbort(error: unknown): boolean {
  return ABORTS.has(classOf(error)) || shape(error)?.name === 'AbortError';
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
