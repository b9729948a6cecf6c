/** A set of span ids for counting each call once, at 8 bytes an id: a million of them as strings would take 100 MB. */

const FIRST_SLOTS = 1 << 12;
const MAX_LOAD = 0.6;
/** Past so many ids it adds no more: memory stays below 64 MB, and only repetitions of later calls go unnoticed. */
const MAX_IDS = 4_000_000;

const SPAN_ID = /^[0-9a-f]{16}$/i;

export class SpanIds {
  /** Two words per slot; 0,0 is an empty one (OpenTelemetry forbids the id of zeros). */
  #words = new Uint32Array(FIRST_SLOTS * 2);
  #slots = FIRST_SLOTS;
  #size = 0;

  /** Adds an id; false if it was there already. Ids that are no 16 hex digits are never taken for known. */
  add(id: string): boolean {
    if (!SPAN_ID.test(id)) return true;
    const high = Number.parseInt(id.slice(0, 8), 16);
    const low = Number.parseInt(id.slice(8), 16);
    const slot = this.#slotOf(high, low);
    if (this.#words[slot] === high && this.#words[slot + 1] === low) return high === 0 && low === 0;
    if (this.#size >= MAX_IDS) return true;
    this.#words[slot] = high;
    this.#words[slot + 1] = low;
    this.#size += 1;
    if (this.#size > this.#slots * MAX_LOAD) this.#grow();
    return true;
  }

  #slotOf(high: number, low: number): number {
    const words = this.#words;
    const mask = this.#slots - 1;
    let slot = Math.imul(high ^ low, 0x9e3779b1) & mask;
    for (;;) {
      const at = slot * 2;
      if ((words[at] === 0 && words[at + 1] === 0) || (words[at] === high && words[at + 1] === low)) return at;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#slots *= 2;
    this.#words = new Uint32Array(this.#slots * 2);
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at] ?? 0;
      const low = old[at + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      const slot = this.#slotOf(high, low);
      this.#words[slot] = high;
      this.#words[slot + 1] = low;
    }
  }
}
