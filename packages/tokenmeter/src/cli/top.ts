/** The first few of very many, in memory for twice as many. */
export class Top<Item> {
  readonly #order: (a: Item, b: Item) => number;
  readonly #limit: number;
  #items: Item[] = [];
  /** How many were added. */
  seen = 0;

  constructor(order: (a: Item, b: Item) => number, limit: number) {
    this.#order = order;
    this.#limit = limit;
  }

  add(item: Item): void {
    this.seen += 1;
    this.#items.push(item);
    if (this.#items.length >= this.#limit * 2) this.#items = this.list();
  }

  list(): Item[] {
    return this.#items.sort(this.#order).slice(0, this.#limit);
  }
}
