/** The calls that have not ended. Unlike a Set it makes no garbage: one rebuilds its table every few calls. */

/** Where a call stands among the open ones. */
export interface Placed {
  place: number;
}

export class OpenCalls<T extends Placed> implements Iterable<T> {
  readonly #calls: T[] = [];

  get size(): number {
    return this.#calls.length;
  }

  /** `call` must not be open. */
  add(call: T): void {
    call.place = this.#calls.push(call) - 1;
  }

  /** Does nothing where it is not open. */
  delete(call: T): void {
    if (this.#calls[call.place] !== call) return;
    const last = this.#calls.pop() as T;
    if (last === call) return;
    this.#calls[call.place] = last;
    last.place = call.place;
  }

  /** Those that are open now. */
  [Symbol.iterator](): IterableIterator<T> {
    return [...this.#calls].values();
  }
}
