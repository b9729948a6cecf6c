/**
 * Access to foreign values. A body may lack a key, hold another type, or be hostile (a throwing getter, a revoked
 * proxy): every function here answers `undefined` then, and none throws.
 */

/** The keys that lead to a value, outermost first; empty: the value itself. */
export type Path = readonly string[];

/** No provider's list is longer; what lies beyond is not read. */
const MAX_ITEMS = 10_000;

/** Longer strings are no identifiers. */
const MAX_NAME = 64;

/** `a.b` as a path; the empty string is the empty path. Keys that contain a dot need an array. */
export function path(text: string): Path {
  return text === '' ? [] : text.split('.');
}

/** One property, inherited and computed ones included: SDKs hand over class instances. */
export function get(from: unknown, key: string | number): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  try {
    return (from as Readonly<Record<string | number, unknown>>)[key];
  } catch {
    return undefined;
  }
}

/** The value at a path. */
export function at(from: unknown, keys: Path): unknown {
  let value = from;
  for (const key of keys) value = get(value, key);
  return value;
}

/** The first of several places that holds an object. */
export function firstObject(from: unknown, places: readonly Path[]): object | undefined {
  for (const place of places) {
    const value = at(from, place);
    if (typeof value === 'object' && value !== null) return value;
  }
  return undefined;
}

/** The first of several places that holds a short, non-empty string. */
export function firstName(from: unknown, places: readonly Path[]): string | undefined {
  for (const place of places) {
    const value = at(from, place);
    if (typeof value === 'string' && value !== '' && value.length <= MAX_NAME) return value;
  }
  return undefined;
}

/** Visits the items of an array; anything else has none. */
export function each(list: unknown, visit: (item: unknown) => void): void {
  const items = arrayOf(list);
  if (items === undefined) return;
  const count = Math.min(items.length, MAX_ITEMS);
  for (let index = 0; index < count; index += 1) visit(get(items, index));
}

function arrayOf(value: unknown): readonly unknown[] | undefined {
  try {
    return Array.isArray(value) && typeof value.length === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A finite number from 0 to 2^53, or nothing. */
export function quantity(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** A key and, where it differs, its camelCase spelling: some SDKs rename what the wire calls `prompt_tokens`. */
export function spellings(key: string): readonly string[] {
  const camel = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return camel === key ? [key] : [key, camel];
}
