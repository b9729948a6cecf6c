/**
 * One POST of an alert. It runs outside of any request of the app: no span, no baggage and no trace context of the app
 * goes with it.
 */
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { reasonOf, redactor } from './failure.ts';

/** Where a channel posts to. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For messages: the host, which is no secret. */
  readonly host: string;
  /** Takes every secret of the channel out of a text. */
  readonly redact: (text: string) => string;
}

export type PostResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Why, without a secret: `hooks.slack.com answered 404: no_service`. */
      readonly reason: string;
      /** HTTP status; absent where there was no answer. */
      readonly status?: number;
      /** Milliseconds that the server asks to wait. */
      readonly retryAfter?: number;
    };

/** User and password of a URL become a header: `fetch` refuses them in a URL. */
export function target(address: string, secrets: readonly string[] = []): Target {
  const redact = redactor([address, ...secrets]);
  const url = URL.parse(address);
  if (!url) return { url: address, headers: {}, host: 'an address that is no URL', redact };
  const { username, password, host } = url;
  url.username = '';
  url.password = '';
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return { url: url.href, headers: username || password ? { authorization: `Basic ${basic}` } : {}, host, redact };
}

/** The key with which OpenTelemetry's SDKs and instrumentations are told to make no span (`suppressTracing` of their core). */
const SUPPRESSED = ROOT_CONTEXT.setValue(createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'), true);

/** Sends a JSON body. Never rejects. */
export async function post(
  { url, headers, host, redact }: Target,
  body: string,
  timeoutMs: number,
): Promise<PostResult> {
  try {
    const response = await context.with(SUPPRESSED, () =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        // A redirected POST would arrive as an empty GET.
        redirect: 'manual',
        signal: AbortSignal.timeout(Math.max(1, timeoutMs)),
      }),
    );
    const { status } = response;
    if (response.ok) {
      await response.body?.cancel();
      return { ok: true };
    }
    const answer = await beginning(response);
    const reason = redact(`${host} answered ${status}${answer === '' ? '' : `: ${answer}`}`);
    return { ok: false, reason, status, retryAfter: waitOf(response.headers.get('retry-after')) };
  } catch (error) {
    return { ok: false, reason: redact(`${host} ${reasonOf(error)}`) };
  }
}

const MOST_BYTES = 200;

/** What a server says about its refusal, on one line; never more than the beginning is read. */
async function beginning({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const first = await reader?.read().catch(() => undefined);
  await reader?.cancel().catch(() => {});
  const text = first?.value ? new TextDecoder().decode(first.value.subarray(0, MOST_BYTES)) : '';
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** `Retry-After`: seconds, or a date. */
function waitOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
