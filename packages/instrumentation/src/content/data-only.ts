/**
 * What an app passed, read without running any of its code. Behind an accessor, a proxy or a `toJSON` stands code that may
 * count its readers or tell each of them something else, and that the SDK is to run, once: what it gives is left out.
 *
 * It is a view, not a copy of all: beside a prompt may stand a tool that holds its client, and with it half of the app. Each
 * object is copied when it is reached, with its own data alone; so readers and `JSON.stringify` see nothing else.
 */
import { types } from 'node:util';

/** A view of `value` with nothing but data in it, at any depth; bytes, URLs and dates stay themselves. Never runs code of the app's. */
export function dataOnly(value: unknown): unknown {
  if (!isData(value)) return undefined;
  return typeof value === 'object' && value !== null && !isWhole(value) ? new Proxy(ownData(value), DEEPER) : value;
}

/** What stands in a copy is data already, or a method of arrays. */
const DEEPER: ProxyHandler<object> = {
  get(copy, key) {
    const value: unknown = Reflect.get(copy, key);
    return typeof value === 'function' ? value : dataOnly(value);
  },
};

/** Without what is no data: an element of a list, too, rather than a hole in its place. */
function ownData(value: object): object {
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value)) {
    const held: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
    if (isData(held)) entries.push([key, held]);
  }
  return Array.isArray(value) ? entries.map(([, held]) => held) : Object.fromEntries(entries);
}

function isData(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined && typeof value !== 'function';
  return !types.isProxy(value) && (isWhole(value) || !saysItself(value));
}

/** What readers and JSON know by its class. */
const WHOLE: ReadonlySet<unknown> = new Set([URL.prototype, Date.prototype]);

function isWhole(value: object): boolean {
  if (ArrayBuffer.isView(value)) return true;
  return WHOLE.has(Object.getPrototypeOf(value)) && Object.getOwnPropertyNames(value).length === 0;
}

/** What an object with a `toJSON` holds is not what is sent of it. */
function saysItself(value: object): boolean {
  let holder: object | null = value;
  while (holder !== null && holder !== Object.prototype) {
    if (types.isProxy(holder) || Object.hasOwn(holder, 'toJSON')) return true;
    holder = Object.getPrototypeOf(holder);
  }
  return false;
}
