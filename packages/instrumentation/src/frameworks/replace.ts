/** Replaces a function of a framework, once, by one that looks the same. */
import { alike } from '../call/alike.ts';

const PATCHED: unique symbol = Symbol.for('tokenmeter.patched') as never;

type Method = ((this: unknown, ...args: unknown[]) => unknown) & { [PATCHED]?: boolean };

/** `wrap(original)` stands for the method from now on. False where there is no such method. */
export function replace(holder: unknown, name: string, wrap: (original: Method) => Method): boolean {
  const methods = holder as Record<string, Method | undefined> | null | undefined;
  const original = methods?.[name];
  if (!methods || typeof original !== 'function') return false;
  if (original[PATCHED]) return true;
  const wrapped = alike(wrap(original), original);
  wrapped[PATCHED] = true;
  methods[name] = wrapped;
  return true;
}
