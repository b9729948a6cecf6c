/**
 * Patches methods of SDKs that Stainless did not generate, or not wholly: most return plain promises. Each method is
 * patched alone, on the prototype that holds it.
 */
import { alike } from '../call/alike.ts';
import { begin } from '../call/begin.ts';
import { Call } from '../call/call.ts';
import type { Endpoint, Method } from '../call/facts.ts';
import { guard } from '../call/guard.ts';
import { observeInnerPromise, observeOuterPromise, type Settle, settleValue } from '../call/observe-plain.ts';
import { isApiPromise, observeApiPromise } from '../call/observe-promise.ts';

export interface PlainTarget {
  readonly method: string;
  readonly call: Method;
  /** For a method that does many things: what these arguments ask for; undefined: nothing of ours. Default: `call`. */
  select?(args: readonly unknown[]): Method | undefined;
  /** Where a request of `owner`, the object with the method, goes. */
  endpoint(owner: unknown, params: unknown): Endpoint;
  /** What the request facts are read from. Default: the method's first argument. */
  params?(owner: unknown, args: readonly unknown[]): unknown;
  /** Whether an invocation is a call. Default: each one is. */
  counts?(params: unknown): boolean;
  /** Done to a new call before it is admitted. */
  prepare?(owner: unknown, call: Call): void;
  /** Asked before a span is opened: true if the SDK opens one of its own that the user chose. */
  adoptsNativeSpan?(owner: unknown, call: Call): boolean;
  /** Who awaits the promise: the SDK itself (`inner`), or the app (`outer`). */
  readonly awaited: 'inner' | 'outer';
  /** What the promise's value ends. Default: it is the whole answer, or a generator that gives it. */
  readonly settle?: Settle;
}

const PATCHED: unique symbol = Symbol.for('tokenmeter.patched') as never;

type Original = ((this: unknown, ...args: unknown[]) => unknown) & { [PATCHED]?: boolean };

/** Whether what `owner` has by that name is patched, on itself or on its class. */
export function isPatched(owner: object, method: string): boolean {
  return (owner as Record<string, Original | undefined>)[method]?.[PATCHED] === true;
}

/** Patches the method, once. False where there is none. */
export function patchPlain(prototype: unknown, target: PlainTarget): boolean {
  const methods = prototype as Record<string, Original | undefined> | null | undefined;
  const original = methods?.[target.method];
  if (!methods || typeof original !== 'function') return false;
  if (original[PATCHED]) return true;
  const patched: Original = function (this: unknown, ...args) {
    const call = guard(() => start(target, this, args));
    if (!call) return original.apply(this, args);
    if (call.refusal) return Promise.reject(call.refusal);
    if (call.changedParams !== undefined && !target.params) args[0] = call.changedParams;
    const run = (): unknown => observed(target, call, () => call.run(() => original.apply(this, args)));
    return call.pending ? decided(call, call.pending, run) : run();
  };
  patched[PATCHED] = true;
  methods[target.method] = alike(patched, original);
  return true;
}

/** These SDKs have no request preparation to wait in: the method itself begins when the call is decided. */
async function decided(call: Call, pending: Promise<void>, run: () => unknown): Promise<unknown> {
  await pending;
  if (call.refusal) throw call.refusal;
  return run();
}

function start(target: PlainTarget, owner: unknown, args: readonly unknown[]): Call | undefined {
  const method = target.select ? target.select(args) : target.call;
  if (!method) return undefined;
  const params = target.params ? target.params(owner, args) : args[0];
  if (target.counts?.(params) === false) return undefined;
  const call = new Call(method, params, target.endpoint(owner, params));
  guard(() => target.prepare?.(owner, call));
  return begin(call, () => target.adoptsNativeSpan?.(owner, call));
}

function observed({ awaited, settle = settleValue }: PlainTarget, call: Call, method: () => unknown): unknown {
  let result: unknown;
  try {
    result = method();
  } catch (error) {
    guard(() => call.fail(error));
    throw error;
  }
  if (awaited === 'outer' && result instanceof Promise && !isApiPromise(result)) {
    return observeOuterPromise(result, call, settle);
  }
  guard(() => {
    if (isApiPromise(result)) observeApiPromise(result, call);
    else if (isThenable(result)) observeInnerPromise(result, call, settle);
    else settle(result, call);
  });
  return result;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
