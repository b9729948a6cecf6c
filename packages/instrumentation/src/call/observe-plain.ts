/**
 * Observes SDKs whose methods return plain promises, and generators for streams.
 *
 * Two kinds of promise must be told apart. One that the SDK itself awaits (an *inner* method) may get a handler: its
 * rejection is handled already, and the app never sees it. One that goes to the app may not: a handler would mark its
 * rejection as handled, and an app's fire-and-forget failure would no longer raise `unhandledRejection`. A plain promise
 * has no other way in, so the app gets one that is derived from it; it settles with the same value or error.
 */
import type { Call } from './call.ts';
import { guard } from './guard.ts';
import { isAsyncIterable, observeIterable } from './observe-iterable.ts';
import { observeGenerator } from './observe-stream.ts';

/** What is done with the value of a promise: ends the call, or watches what the value goes on to do. */
export type Settle = (value: unknown, call: Call) => void;

/** A promise that the SDK awaits: it is returned as it is. */
export function observeInnerPromise(promise: PromiseLike<unknown>, call: Call, settle: Settle): void {
  promise.then(
    (value) => guard(() => settle(value, call)),
    (error) => guard(() => call.fail(error)),
  );
}

/** A promise that the app awaits: it gets the one that is returned here. */
export function observeOuterPromise(promise: Promise<unknown>, call: Call, settle: Settle): Promise<unknown> {
  return promise.then(
    (value) => {
      guard(() => settle(value, call));
      return value;
    },
    (error) => {
      guard(() => call.fail(error));
      throw error;
    },
  );
}

/** A stream is watched to its end; any other value is the whole answer. */
export const settleValue: Settle = (value, call) => {
  if (isAsyncIterator(value)) observeGenerator(value, call);
  else if (isAsyncIterable(value)) observeIterable(value, call);
  else call.complete(value);
};

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown> {
  return typeof (value as { next?: unknown } | null | undefined)?.next === 'function';
}
