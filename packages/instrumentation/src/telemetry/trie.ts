/**
 * Values by a path of keys. A look-up makes nothing: joining the keys to a string would make one, and hash it, for every
 * instrument at every call. All paths of one trie have the same length.
 */
export class Trie<K, V> {
  readonly #root = new Map<K, unknown>();

  get(path: readonly K[]): V | undefined {
    let node: unknown = this.#root;
    for (const key of path) {
      node = (node as Map<K, unknown>).get(key);
      if (node === undefined) return undefined;
    }
    return node as V;
  }

  set(path: readonly K[], value: V): void {
    let node = this.#root;
    for (const key of path.slice(0, -1)) {
      let next = node.get(key) as Map<K, unknown> | undefined;
      if (!next) {
        next = new Map();
        node.set(key, next);
      }
      node = next;
    }
    node.set(path.at(-1) as K, value);
  }
}
