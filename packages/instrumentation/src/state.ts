/**
 * What must exist once per process, although this package may be loaded twice (as CommonJS and as ES module) or in two
 * versions. The number in the symbol is the version of the shapes that live here: it grows when one of them changes
 * incompatibly, and copies that disagree then keep apart instead of breaking each other.
 */
import { diag } from '@opentelemetry/api';

const KEY: unique symbol = Symbol.for('tokenmeter.v1');

type Holder = { [KEY]?: Map<string, unknown> };

function slots(): Map<string, unknown> {
  const holder = globalThis as Holder;
  const existing = holder[KEY];
  if (existing) return existing;
  const created = new Map<string, unknown>();
  Object.defineProperty(holder, KEY, { value: created });
  return created;
}

/**
 * The process-wide value of that key; the first caller creates it. All callers of a key must agree on its type.
 */
export function shared<T>(key: string, create: () => T): T {
  const all = slots();
  if (!all.has(key)) all.set(key, create());
  return all.get(key) as T;
}

/** Warns through OTel's diag logger, once per process and key. Keys are chosen by us, never built from user data. */
export function warnOnce(key: string, message: string): void {
  const warned = shared('warned', () => new Set<string>());
  if (warned.has(key)) return;
  warned.add(key);
  diag.warn(`tokenmeter: ${message}`);
}
