/** Patches methods that read an answer again by its id: they make no call, but may show the end of one. */
import { alike } from '../call/alike.ts';
import { Asked, AskedItems } from '../call/asked.ts';
import type { Endpoint, Method } from '../call/facts.ts';
import { guard } from '../call/guard.ts';
import { observeIterable } from '../call/observe-iterable.ts';
import { isApiPromise, observeApiPromise } from '../call/observe-promise.ts';

export interface AnswerTarget {
  /** Path from the client class to the resource class. */
  readonly path: readonly string[];
  readonly method: string;
  /** How the answer is read; its `request` is read from the answer too, which repeats its request's parameters. */
  readonly call: Method;
  /** The same, where it depends on the arguments. */
  select?(args: readonly unknown[]): Method;
  /** Each item of what the method returns is an answer, e.g. the lines of a batch's results, or an event of a stream. */
  readonly items?: true;
}

type Read = (this: { _client?: unknown }, ...args: unknown[]) => unknown;

/** What stands for `original` on a resource class. */
export function answerReader(target: AnswerTarget, original: Read, endpoint: (client: unknown) => Endpoint): Read {
  const observed: Read = function (this, ...args) {
    const result = original.apply(this, args);
    const watched = guard(() => watch(target, args, result, endpoint(this._client)));
    return watched ?? result;
  };
  return alike(observed, original);
}

/** Returns a promise where the app has to get another one than the SDK's. */
function watch(target: AnswerTarget, args: readonly unknown[], result: unknown, endpoint: Endpoint): unknown {
  const { items } = target;
  const call = target.select?.(args) ?? target.call;
  if (isApiPromise(result))
    observeApiPromise(result, items ? new AskedItems(call, endpoint) : new Asked(call, endpoint));
  else if (items && result instanceof Promise) return result.then((value) => watchItems(value, call, endpoint));
  return undefined;
}

function watchItems(value: unknown, call: Method, endpoint: Endpoint): unknown {
  guard(() => observeIterable(value as object, new AskedItems(call, endpoint)));
  return value;
}
