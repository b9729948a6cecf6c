/**
 * Observes the promise of an SDK that Stainless generated (openai, anthropic and others), and returns it untouched.
 *
 * Such an `APIPromise` is lazy: `responsePromise` is the HTTP request, started at once; `parse()` reads the body, and every
 * `then`, `catch`, `finally` and `withResponse` goes through it. A derived promise (`_thenUnwrap`) shares `responsePromise`
 * and reads the same body, so the body may be read by one chain only, and nothing may be derived or attached here:
 *
 * - the class's `parse`, `asResponse` and `_thenUnwrap` are hooked once; the call of a promise is found by its
 *   `responsePromise`
 * - nothing is attached to `responsePromise`: a handler would mark its rejection as handled, and an app's fire-and-forget
 *   401 would no longer raise `unhandledRejection`
 * - what `parse` returns never leaves the SDK underived, so a handler on it swallows nothing, and it runs before the app's
 */
import { alike } from './alike.ts';
import { guard } from './guard.ts';
import { createMark } from './mark.ts';
import { isStream, observeStream } from './observe-stream.ts';
import type { Observer } from './observer.ts';

/** How long a call waits for somebody to parse an answer of which only the raw response was taken. */
const RAW_RESPONSE_GRACE_MS = 1000;

type Transform = (data: unknown, props: unknown) => unknown;

/** The slice of an `APIPromise` that we use. */
interface ApiPromise {
  responsePromise: Promise<unknown>;
  /** What `parse` returned. */
  readonly parsedPromise?: Promise<unknown>;
  parse(): Promise<unknown>;
  asResponse(): Promise<unknown>;
  _thenUnwrap(transform: Transform): ApiPromise;
  /** The response before it is parsed, on which a helper of Anthropic's SDK makes another promise. */
  _responseProps?(): Promise<object>;
}

/** The call of a `responsePromise`. */
const calls = createMark<Observer>();
/** The call of a response that a helper has taken, not yet parsed, to another promise. */
const taken = createMark<Observer>();
const hooked = new WeakSet<object>();

/** A promise that nobody can reach any more and nobody ever consumed: its call was abandoned. */
const dropped = new FinalizationRegistry<Observer>((call) => {
  if (!call.consumed) call.end('abandoned');
});

export function isApiPromise(value: unknown): value is ApiPromise {
  if (!(value instanceof Promise)) return false;
  const promise = value as Partial<ApiPromise>;
  return typeof promise.parse === 'function' && promise.responsePromise instanceof Promise;
}

/**
 * Hooks the class of an SDK's promises; anything else is left alone. Best done before there is the first promise: `async_hooks`
 * stores ids on every promise of the process, and V8 makes a store slow for good once the prototype of an object that it has
 * seen there was changed. Where the class is out of reach, its first promise leads to it.
 */
export function hookPromiseClass(apiPromise: unknown): void {
  const { prototype } = (apiPromise ?? {}) as { prototype?: ApiPromise };
  if (prototype instanceof Promise && typeof prototype.parse === 'function') hook(prototype);
}

export function observeApiPromise(promise: ApiPromise, call: Observer): void {
  hook(Object.getPrototypeOf(promise));
  calls.set(promise.responsePromise, call);
  // Directly assigned, it would keep the whole answer over every small collection: scripts/lint/young-functions.grit.
  const unconsumed = (): void => dropped.register(promise.responsePromise, call);
  call.unconsumed = unconsumed;
  // openai 7 gives each promise a `_thenUnwrap` of its own, over a private parse.
  if (Object.hasOwn(promise, '_thenUnwrap')) {
    promise._thenUnwrap = alike(hookedThenUnwrap(promise._thenUnwrap), promise._thenUnwrap);
  }
}

function hook(prototype: ApiPromise): void {
  if (hooked.has(prototype)) return;
  hooked.add(prototype);
  // The class of pages has none of these methods of its own.
  if (!Object.hasOwn(prototype, 'parse')) {
    hook(Object.getPrototypeOf(prototype));
    return;
  }
  prototype.parse = alike(hookedParse(prototype.parse), prototype.parse);
  prototype.asResponse = alike(hookedAsResponse(prototype.asResponse), prototype.asResponse);
  prototype._thenUnwrap = alike(hookedThenUnwrap(prototype._thenUnwrap), prototype._thenUnwrap);
  const { _responseProps: responseProps } = prototype;
  if (responseProps) prototype._responseProps = alike(hookedResponseProps(responseProps), responseProps);
}

function hookedParse(parse: ApiPromise['parse']): ApiPromise['parse'] {
  return function (this: ApiPromise) {
    const call = calls.get(this.responsePromise);
    call?.consume();
    // What it returned before it returns again, and that is watched already.
    const again = this.parsedPromise !== undefined;
    const parsed = parse.call(this);
    if (call && !call.ended && !again) {
      const { responsePromise } = this;
      parsed.then(
        (value) => {
          letGo(responsePromise);
          guard(() => settle(call, value));
        },
        (error) => {
          letGo(responsePromise);
          guard(() => call.fail(error));
        },
      );
    }
    return parsed;
  };
}

/** An SDK, or an app, may keep the promise for longer than its call lasts. */
function letGo(responsePromise: Promise<unknown>): void {
  calls.set(responsePromise, undefined);
}

/** The transform of a helper may change the answer or throw (`parse` with a cut-off answer): the call ends before it. */
function hookedThenUnwrap(thenUnwrap: ApiPromise['_thenUnwrap']): ApiPromise['_thenUnwrap'] {
  return function (this: ApiPromise, transform) {
    const call = calls.get(this.responsePromise);
    if (call?.ended || (!call && !this._responseProps)) return thenUnwrap.call(this, transform);
    return thenUnwrap.call(this, (data, props) => {
      guard(() => {
        const own = call ?? taken.get(props as object);
        if (own && !own.ended) settle(own, data);
      });
      return transform(data, props);
    });
  };
}

/** Only the SDK itself asks for this, and it awaits what it gets: a handler on it hides no rejection. */
function hookedResponseProps(responseProps: NonNullable<ApiPromise['_responseProps']>): typeof responseProps {
  return function (this: ApiPromise) {
    const call = calls.get(this.responsePromise);
    const props = responseProps.call(this);
    if (!call || call.ended) return props;
    call.consume();
    props.then(
      (value) => guard(() => taken.set(value, call)),
      (error) => guard(() => call.fail(error)),
    );
    return props;
  };
}

/** Only the raw response is known: where nobody parses it in time, the call ends with its status and without usage. */
function hookedAsResponse(asResponse: ApiPromise['asResponse']): ApiPromise['asResponse'] {
  return function (this: ApiPromise) {
    const call = calls.get(this.responsePromise);
    const response = asResponse.call(this);
    if (!call || call.consumed || call.ended) return response;
    response.then(
      () => {
        const answeredAt = performance.now();
        setTimeout(() => call.consumed || call.end('completed', undefined, answeredAt), RAW_RESPONSE_GRACE_MS).unref();
      },
      (error) => guard(() => call.fail(error)),
    );
    return response;
  };
}

function settle(call: Observer, value: unknown): void {
  if (isStream(value)) observeStream(value, call);
  else call.complete(value);
}
