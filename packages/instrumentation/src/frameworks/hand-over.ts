/**
 * Calls that are known only when they are over, or under way: a framework saw them, and no SDK. No budget could refuse
 * them in time, but they count.
 */
import { Call } from '../call/call.ts';
import type { Endpoint, Method } from '../call/facts.ts';
import { guard } from '../call/guard.ts';

/** When a call began, by both clocks. */
export interface Began {
  /** Unix milliseconds. */
  readonly time: number;
  /** Of `performance.now()`. */
  readonly at: number;
}

export function now(): Began {
  return { time: Date.now(), at: performance.now() };
}

/** A call with its span, for the context that is active now. Whoever gets it has to end it. */
export function handOver(method: Method, params: unknown, endpoint: Endpoint, began: Began): Call {
  const call = new Call(method, params, endpoint, began);
  guard(() => call.openSpan());
  return call;
}
