/**
 * A stream of @google/generative-ai is read to its end at once, into memory, whether the app takes its chunks or not: a
 * `break` stops nothing. So the call ends with `response`, the promise of all chunks together.
 */
import { observeOuterPromise, type Settle } from '../../call/observe-plain.ts';
import type { Result } from './types.ts';

/** `response` goes to the app, so it gets one that is derived from the SDK's. */
export const settleStream: Settle = (value, call) => {
  const result = value as Result;
  if (!(result.response instanceof Promise)) return;
  result.response = observeOuterPromise(result.response, call, (body) => call.complete(body));
};

/** A chat handles the failure of this promise itself, so the derived one must not report it either. */
export const settleChatStream: Settle = (value, call) => {
  settleStream(value, call);
  const { response } = value as Result;
  if (response instanceof Promise) response.catch(() => {});
};
