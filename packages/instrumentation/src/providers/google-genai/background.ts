/**
 * Interactions that go on in the background: `create` answers at once, without usage, and the app asks again until there is
 * an end. They are one call, which ends with the answer that has the end, however often the app asks.
 */
import { alike } from '../../call/alike.ts';
import type { Call } from '../../call/call.ts';
import { guard } from '../../call/guard.ts';
import type { Settle } from '../../call/observe-plain.ts';
import { shared } from '../../state.ts';
import { bag, text } from '../read.ts';

/** Calls that wait for their end; beyond this number the oldest is given up. */
const MOST = 1_000;

const RUNNING: ReadonlySet<unknown> = new Set(['in_progress', 'queued', 'pending']);

const waiting: Map<string, Call> = shared('google.waiting', () => new Map<string, Call>());

/** Ends the call with a finished interaction, and keeps it for one that goes on. */
export const settleInteraction: Settle = (value, call) => {
  const { id, status } = bag(value) ?? {};
  const key = text(id);
  if (key === undefined || !RUNNING.has(status)) {
    call.complete(value);
    return;
  }
  waiting.set(key, call);
  const [oldest] = waiting.keys();
  if (waiting.size <= MOST || oldest === undefined) return;
  waiting.get(oldest)?.end('abandoned');
  waiting.delete(oldest);
};

type Ask = (this: unknown, ...args: unknown[]) => unknown;

/** Watches a method that asks for an interaction by its id. Only what somebody waits for is looked at. */
export function watchAsking(prototype: object, method: 'get' | 'cancel'): void {
  const methods = prototype as Record<string, Ask | undefined>;
  const ask = methods[method];
  if (!ask) return;
  const observed: Ask = function (...args) {
    const result = ask.apply(this, args);
    if (!(result instanceof Promise) || !waiting.has(String(args[0]))) return result;
    return result.then((value: unknown) => {
      guard(() => asked(value));
      return value;
    });
  };
  methods[method] = alike(observed, ask);
}

function asked(value: unknown): void {
  const { id, status } = bag(value) ?? {};
  const call = waiting.get(String(id));
  if (!call || status === undefined || RUNNING.has(status)) return;
  waiting.delete(String(id));
  call.complete(value);
}
