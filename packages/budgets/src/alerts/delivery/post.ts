/**
 * One POST of an alert. It runs outside of any request of the app: no span, no baggage and no trace context of the app
 * goes with it.
 *
 * It is `node:http` and not `fetch`, which keeps a process alive for ten seconds where a firewall drops the connection's
 * packets, whatever its signal says. Here the connection dies with the time-out, and one that waits for its answer keeps
 * no process alive.
 */
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { reasonOf, redactor } from './failure.ts';

/** Where a channel posts to. */
export interface Target {
  readonly url: URL;
  /** User and password of the URL, for HTTP's basic authentication. */
  readonly auth?: string;
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
      /** There was none in time. */
      readonly late?: boolean;
      /** Milliseconds that the server asks to wait. */
      readonly retryAfter?: number;
    };

/**
 * @param address URL of http or https; throws a TypeError for anything else, without naming it
 * @param secrets what else no message may show
 */
export function target(address: string, secrets: readonly string[] = []): Target {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError('the address of an alert channel must be a URL of http or https');
  const { username, password } = url;
  const redact = redactor([address, ...secrets]);
  if (username === '' && password === '') return { url, redact };
  url.username = '';
  url.password = '';
  return { url, auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}`, redact };
}

/** The key with which OpenTelemetry's SDKs and instrumentations are told to make no span (`suppressTracing` of their core). */
const SUPPRESSED = ROOT_CONTEXT.setValue(createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'), true);

/**
 * Sends a JSON body. A redirect is not followed: a POST would arrive as an empty GET. Never rejects.
 *
 * @param onGone from now on the receiver may have it, whether or not it answers
 */
export async function post(
  { url, auth, redact }: Target,
  body: string,
  timeoutMs: number,
  onGone: () => void = () => {},
): Promise<PostResult> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  try {
    const response = await context.with(SUPPRESSED, () =>
      send(url, { method: 'POST', headers, auth }, body, timeoutMs, onGone),
    );
    const { statusCode: status = 0 } = response;
    if (status >= 200 && status < 300) {
      response.on('error', () => {}).resume();
      return { ok: true };
    }
    const answer = await beginning(response);
    const reason = redact(`${url.host} answered ${status}${answer === '' ? '' : `: ${answer}`}`);
    return { ok: false, reason, status, retryAfter: waitOf(response.headers['retry-after']) };
  } catch (error) {
    return { ok: false, reason: redact(`${url.host} ${reasonOf(error)}`), late: error === LATE };
  }
}

const LATE = Object.assign(new Error('time-out'), { code: 'ETIMEDOUT' });

/** The response, when its headers are there. Its body ends with the time, too. */
function send(
  url: URL,
  options: RequestOptions,
  body: string,
  timeoutMs: number,
  onGone: () => void,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const sent = request(url, options, resolve);
    const late = setTimeout(() => sent.destroy(LATE), Math.max(1, timeoutMs)).unref();
    sent.on('socket', (socket) => {
      socket.unref();
      // Before there is a connection, nothing has left.
      if (socket.connecting) socket.once('connect', onGone);
      else onGone();
    });
    sent.on('close', () => clearTimeout(late));
    sent.on('error', reject);
    sent.end(body);
  });
}

const MOST_CHARACTERS = 200;

/** What a server says about its refusal, on one line; never more than the beginning is read. */
async function beginning(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length >= MOST_CHARACTERS) break;
    }
  } catch {
    // The status says enough.
  }
  return text.slice(0, MOST_CHARACTERS).replaceAll(/\s+/g, ' ').trim();
}

/** `Retry-After`: seconds, or a date. */
function waitOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
