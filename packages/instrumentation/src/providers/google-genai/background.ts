/**
 * Interactions that go on in the background: `create` answers at once, without usage, and the app asks again until there is
 * an end. They are one call, which ends with the answer that has the end, however often the app asks.
 */
import { alike } from '../../call/alike.ts';
import type { Endpoint, Later } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { takeWaiting } from '../../call/later.ts';
import { bag, text } from '../read.ts';

const RUNNING: ReadonlySet<unknown> = new Set(['in_progress', 'queued', 'pending']);

/** Present where the interaction goes on. */
export function inBackground(id: unknown, status: unknown): Later | undefined {
  const known = text(id);
  return known === undefined || !RUNNING.has(status) ? undefined : { id: known, state: 'running' };
}

type Ask = (this: unknown, ...args: unknown[]) => unknown;

/** Watches a method that asks for an interaction by its id: the answer with its end is the end of its call. */
export function watchAsking(prototype: object, method: 'get' | 'cancel', endpoint: (owner: unknown) => Endpoint): void {
  const methods = prototype as Record<string, Ask | undefined>;
  const ask = methods[method];
  if (!ask) return;
  const observed: Ask = function (...args) {
    const result = ask.apply(this, args);
    if (!(result instanceof Promise)) return result;
    return result.then((value: unknown) => {
      guard(() => asked(value, endpoint(this)));
      return value;
    });
  };
  methods[method] = alike(observed, ask);
}

function asked(value: unknown, endpoint: Endpoint): void {
  const { id, status } = bag(value) ?? {};
  if (status !== undefined && !RUNNING.has(status)) takeWaiting(endpoint, String(id))?.complete(value);
}
