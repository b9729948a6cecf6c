/**
 * A transcript: lines `[label, value]` in the order in which things happened, each value as JSON can hold it. What differs
 * between two runs of the same code (ids, ports, times) is taken out by the reader, see `harness/normal.ts`.
 */

export function createTranscript() {
  const lines = [];
  return {
    lines,
    log: (label, value) => void lines.push([label, plain(value)]),
    event: (label, value) => void lines.push([label, plain(value instanceof Error ? failure(value) : value)]),
  };
}

/** What an app can tell of an error. */
export function failure(error) {
  if (!(error instanceof Error)) return { thrown: error };
  return {
    class: error.constructor.name,
    parents: parents(error),
    name: error.name,
    message: error.message,
    status: error.status,
    code: error.code,
    type: error.type,
    requestID: error.requestID ?? error.request_id,
    body: error.error,
    cause: 'cause' in error ? error.cause?.constructor?.name : 'none',
    keys: Object.keys(error).sort(),
  };
}

/** What an app can tell of an object beyond its JSON: class, own properties with their flags, extensibility. */
export function shape(value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return typeof value;
  return {
    class: value.constructor?.name,
    parents: parents(value),
    own: Reflect.ownKeys(value).map((key) => `${String(key)} ${flags(Object.getOwnPropertyDescriptor(value, key))}`),
    enumerable: Object.keys(value),
    extensible: Object.isExtensible(value),
    tag: Object.prototype.toString.call(value),
  };
}

/** A method as an app can see it: who holds it, its name and arity, its property flags. */
export function method(holder, key) {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  return {
    flags: flags(descriptor),
    type: typeof holder[key],
    name: holder[key]?.name,
    length: holder[key]?.length,
  };
}

function parents(value) {
  const names = [];
  for (let p = Object.getPrototypeOf(value); p; p = Object.getPrototypeOf(p)) names.push(p.constructor?.name);
  return names;
}

function flags(descriptor) {
  if (!descriptor) return 'absent';
  const kind = 'value' in descriptor ? (descriptor.writable ? 'w' : '-') : 'accessor ';
  return kind + (descriptor.enumerable ? 'e' : '-') + (descriptor.configurable ? 'c' : '-');
}

function plain(value, above = []) {
  if (value === undefined) return '<undefined>';
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return `<function ${value.name}>`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value === null || typeof value !== 'object') return value;
  if (above.includes(value)) return '<cycle>';
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => plain(item, path));
  return Object.fromEntries(Object.keys(value).map((name) => [name, plain(value[name], path)]));
}
