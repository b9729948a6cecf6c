/** A set of span ids for counting each call once, at 8 bytes an id: a million of them as strings would take 100 MB. */

const FIRST_SLOTS = 1 << 12;
const MAX_LOAD = 0.6;
/** Past so many ids it adds no more: memory stays below 64 MB, and only repetitions of later calls go unnoticed. */
const MAX_IDS = 4_000_000;

const HEX = '0123456789abcdef';
const ID_LENGTH = 16;
/** Values of hex digits by character code; any other character has -1. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => HEX.indexOf(String.fromCharCode(code).toLowerCase()));

export class SpanIds {
  /** Two words per slot; 0,0 is an empty one (OpenTelemetry forbids the id of zeros). */
  #words = new Uint32Array(FIRST_SLOTS * 2);
  #slots = FIRST_SLOTS;
  #size = 0;

  /** Adds an id; false if it was there already. Ids that are no 16 hex digits are never taken for known. */
  add(id: string): boolean {
    if (id.length !== ID_LENGTH) return true;
    const high = wordAt(id, 0);
    const low = wordAt(id, ID_LENGTH / 2);
    if (high < 0 || low < 0) return true;
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

/** The value of eight hex digits; negative if they are none. */
function wordAt(id: string, from: number): number {
  let word = 0;
  let invalid = 0;
  for (let at = from; at < from + ID_LENGTH / 2; at++) {
    const digit = DIGITS[id.charCodeAt(at)] ?? -1;
    invalid |= digit;
    word = (word << 4) | digit;
  }
  return invalid < 0 ? -1 : word >>> 0;
}
