/** Parameters that see who reads them, in each of the two ways in which an app's code can stand behind a property. */

/** A copy with an accessor in place of each property, at any depth; the names of those that were read go to `reads`. */
export function accessors(value, reads, path = 'params') {
  if (typeof value !== 'object' || value === null) return value;
  const watched = Array.isArray(value) ? [] : {};
  for (const [key, inner] of Object.entries(value)) {
    let kept = accessors(inner, reads, `${path}.${key}`);
    Object.defineProperty(watched, key, {
      get() {
        reads.push(`${path}.${key}`);
        return kept;
      },
      set(value) {
        kept = value;
      },
      enumerable: true,
      configurable: true,
    });
  }
  return watched;
}

/** A proxy before each object, at any depth; what it was asked goes to `reads`. */
export function proxies(value, reads, path = 'params') {
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.entries(value).map(([key, one]) => [key, proxies(one, reads, `${path}.${key}`)]);
  const target = Object.assign(Array.isArray(value) ? [] : {}, Object.fromEntries(inner));
  const traps = ['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'set', 'defineProperty'];
  const handler = traps.map((trap) => [
    trap,
    (...args) => {
      reads.push(`${trap} ${path} ${typeof args[1] === 'object' ? '' : String(args[1])}`);
      return Reflect[trap](...args);
    },
  ]);
  return new Proxy(target, Object.fromEntries(handler));
}

/** Both, each with a list for what was read. */
export const watchers = [accessors, proxies].map((watch) => (value) => {
  const reads = [];
  return { params: watch(value, reads), reads, by: watch.name };
});
