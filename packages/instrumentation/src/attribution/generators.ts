/**
 * A generator's body runs when somebody asks for its next value: long after the function that made it returned, and in
 * the consumer's context. `withFeature('chat', () => stream())` must cover that body.
 */
import { types } from 'node:util';

const METHODS = ['next', 'return', 'throw'] as const;

/**
 * Makes a generator object run its body through `enter` and returns the same object; any other value is returned as it
 * is. Only genuine generators are touched: they are made by the app's own function and have no identity to protect but
 * their own.
 */
export function bindGenerator<T>(value: T, enter: <R>(body: () => R) => R): T {
  if (!types.isGeneratorObject(value) || !Object.isExtensible(value)) return value;
  for (const method of METHODS) {
    const original: unknown = Reflect.get(value, method);
    if (typeof original !== 'function') continue;
    Object.defineProperty(value, method, {
      configurable: true,
      writable: true,
      value: function (this: unknown, ...args: unknown[]): unknown {
        return enter(() => Reflect.apply(original, this, args));
      },
    });
  }
  return value;
}
