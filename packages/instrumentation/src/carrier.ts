/**
 * Carries a value to all code that a function starts: in the OpenTelemetry context where the app has a manager that
 * carries it, else in an AsyncLocalStorage of ours. Never in both: on Node 22 every storage that is in use costs
 * something at every promise of the process.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, createContextKey } from '@opentelemetry/api';
import { layer } from './context-layer.ts';
import { shared } from './state.ts';

export class Carrier<T> {
  readonly #key: symbol;
  readonly #storage: AsyncLocalStorage<T>;

  /** `name`: unique; copies of this package share what they carry. */
  constructor(name: string) {
    this.#key = createContextKey(`tokenmeter.${name}`);
    this.#storage = shared(`carrier.${name}`, () => new AsyncLocalStorage<T>());
  }

  /** What the running code carries. A context that somebody chose says it before our storage does. */
  current(active: Context): T | undefined {
    return (active.getValue(this.#key) as T | undefined) ?? this.#storage.getStore();
  }

  /** Runs `fn` with the value over `below`, which is the active context or one made of it. */
  run<R>(below: Context, value: T, fn: () => R): R {
    const inner = layer(below, this.#key, value);
    return context.with(inner, () => (context.active() === inner ? fn() : this.#storage.run(value, fn)));
  }
}
