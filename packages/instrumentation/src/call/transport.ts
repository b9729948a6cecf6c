/**
 * Hooks on the client of a Stainless SDK, once per class: where a call's attempts pass.
 *
 * - `prepareOptions` runs once per attempt, before it: a refused call rejects there, with the SDK's own promise, without
 *   an HTTP request and without a retry; a call that is not decided yet waits there
 * - `buildRequest` runs once per attempt and makes what is sent, before anybody signs it: there a request asks for the usage
 *   of its stream
 * - `fetchWithTimeout` runs once per attempt and returns its response
 * - `shouldRetry` is asked about a response that is an error; the oldest SDKs ask only while they may retry
 * - `makeStatusError` makes the error of a response that is not retried
 */

import { alike } from './alike.ts';
import type { Call } from './call.ts';
import { guard } from './guard.ts';
import { currentCall, hostOf, runtime } from './runtime.ts';

type Fetch = (this: unknown, url: unknown, init: RequestLike | undefined, ...rest: unknown[]) => Promise<ResponseLike>;

type ShouldRetry = (this: unknown, response: ResponseLike, ...rest: unknown[]) => unknown;
type MakeStatusError = (this: unknown, status: number, ...rest: unknown[]) => unknown;

interface RequestLike {
  body?: unknown;
  headers?: unknown;
}

/** What `buildRequest` returns: a promise in all but the oldest SDKs. */
interface Built {
  readonly req: RequestLike;
}

interface ResponseLike {
  readonly status: number;
  clone(): { text(): Promise<string> };
}

interface ClientPrototype {
  prepareOptions?: (this: unknown, ...args: unknown[]) => unknown;
  buildRequest?: (this: unknown, ...args: unknown[]) => Built | Promise<Built>;
  fetchWithTimeout?: Fetch;
  shouldRetry?: ShouldRetry;
  makeStatusError?: MakeStatusError;
}

const hooked = new WeakSet<object>();

/** A handler on it runs a tick later, for less than `queueMicrotask`, which makes a resource of its own for `async_hooks`. */
const TICK: Promise<void> = Promise.resolve();

/** Hooks the class in the chain of `prototype` that owns these methods. Does nothing where there is none. */
export function hookTransport(prototype: object | null): void {
  for (
    let owner: object | null = prototype;
    owner && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner)
  ) {
    if (!Object.hasOwn(owner, 'fetchWithTimeout')) continue;
    if (hooked.has(owner)) return;
    hooked.add(owner);
    hook(owner);
    return;
  }
}

function hook(owner: ClientPrototype): void {
  const { prepareOptions, buildRequest, fetchWithTimeout, shouldRetry, makeStatusError } = owner;
  if (prepareOptions) {
    owner.prepareOptions = alike(function (this: unknown, ...args: unknown[]) {
      const call = currentCall();
      if (call?.refusal) return Promise.reject(call.refusal);
      // Not at once: what an async function returns is consumed one tick after it was made.
      if (call?.unconsumed) TICK.then(() => call.watchUnconsumed());
      if (!call?.pending) return prepareOptions.apply(this, args);
      return call.pending.then(() => {
        if (call.refusal) throw call.refusal;
        return prepareOptions.apply(this, args);
      });
    }, prepareOptions);
  }
  if (buildRequest) {
    owner.buildRequest = alike(function (this: unknown, ...args: unknown[]) {
      const call = currentCall();
      const built = buildRequest.apply(this, args);
      if (!call?.asksForUsage || call.ended) return built;
      return built instanceof Promise ? built.then((made) => withUsage(call, made)) : withUsage(call, built);
    }, buildRequest);
  }
  if (fetchWithTimeout) {
    const hooked: Fetch = function (url, init, ...rest) {
      const call = currentCall();
      if (!call || call.ended) return fetchWithTimeout.call(this, url, init, ...rest);
      call.attempt();
      const response = fetchWithTimeout.call(this, url, init, ...rest);
      if (!call.injected) return response;
      return withoutStreamUsage(call, response, init, (changed) => fetchWithTimeout.call(this, url, changed, ...rest));
    };
    owner.fetchWithTimeout = alike(hooked, fetchWithTimeout);
  }
  if (shouldRetry) {
    const hooked: ShouldRetry = function (response, ...rest) {
      guard(() => currentCall()?.answered(response.status));
      return shouldRetry.call(this, response, ...rest);
    };
    owner.shouldRetry = alike(hooked, shouldRetry);
  }
  if (makeStatusError) {
    const hooked: MakeStatusError = function (status, ...rest) {
      guard(() => currentCall()?.answered(status));
      return makeStatusError.call(this, status, ...rest);
    };
    owner.makeStatusError = alike(hooked, makeStatusError);
  }
}

function withUsage(call: Call, built: Built): Built {
  guard(() => {
    const { req } = built;
    if (typeof req.body !== 'string' || runtime.withoutStreamUsage.has(hostOf(call.endpoint))) return;
    const body = call.askForUsage(req.body);
    if (body === undefined) return;
    req.body = body;
    req.headers = withLength(req.headers, body);
    call.injected = true;
  });
  return built;
}

/**
 * A host that refuses `stream_options` gets the request again as the app wrote it, and is not asked again. The app sees
 * the second answer only.
 */
async function withoutStreamUsage(
  call: Call,
  pending: Promise<ResponseLike>,
  init: RequestLike | undefined,
  again: (init: RequestLike) => Promise<ResponseLike>,
): Promise<ResponseLike> {
  const response = await pending;
  const { body } = init ?? {};
  if ((response.status !== 400 && response.status !== 422) || typeof body !== 'string') return response;
  const text = await response.clone().text();
  const undone = guard(() => call.undoInjection(body, text));
  if (undone === undefined) return response;
  call.injected = false;
  runtime.withoutStreamUsage.add(hostOf(call.endpoint));
  call.attempt();
  return again({ ...init, body: undone, headers: withLength(init?.headers, undone) });
}

/** openai 4 states the body's length in its headers. */
function withLength(headers: unknown, body: string): unknown {
  if (typeof headers !== 'object' || headers === null || Object.getPrototypeOf(headers) !== Object.prototype)
    return headers;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      return [name, name.toLowerCase() === 'content-length' ? String(Buffer.byteLength(body)) : value];
    }),
  );
}
