/**
 * Walks over the bytes of strictly formed JSON, token by token: what is expected next is there, or the walk ends with
 * {@link OTHER_FORM}. Strings are hashed while they are walked over, so that names are found and texts that come again are
 * given again without being decoded.
 */

import { Run } from './run.ts';

const ESCAPES = Buffer.from('"\\/bfnrt');
const ESCAPE_U = 117;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/;
/** Of a number whose digits make an exact whole number. */
const MOST_DIGITS = 15;
const POWERS_OF_TEN: readonly number[] = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);
const HEX = /^[\da-f]{4}$/i;

const QUOTE = 34;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const BACKSLASH = 92;

/** Says that the input is not of the expected form; it carries nothing and is thrown often, so there is one. */
export const OTHER_FORM: Error = new Error('another form');

/** Bounds of the texts that are kept. */
const MOST_KEPT = 1000;
const LONGEST_KEPT = 64;

export class JsonCursor {
  /** Texts by the hash of their bytes. */
  readonly #texts = new Map<number, string>();
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  /** The last string: its bytes without the quotes, their hash, and whether they are plain ASCII without escapes. */
  #from = 0;
  #to = 0;
  #hash = 0;
  #plain = true;

  /** Where the walk stands. */
  get at(): number {
    return this.#at;
  }

  /** A hash of the last string's bytes. */
  get hash(): number {
    return this.#hash;
  }

  begin(bytes: Buffer, at: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.#at = at;
  }

  /** All that was walked over since `from`. */
  runFrom(from: number): Run | undefined {
    return Run.of(this.#bytes, from, this.#at);
  }

  /** An integer in quotes. */
  integer(): number {
    this.need(QUOTE);
    const negative = this.take(MINUS);
    const from = this.#at;
    let to = from;
    while (isDigit(this.#bytes[to])) to += 1;
    const value = this.#digits(from, to);
    this.#at = to;
    this.need(QUOTE);
    return negative ? -value : value;
  }

  /** Digits in quotes: those before the last six, and the last six. */
  splitDigits(): [number, number] {
    this.string();
    const split = this.#to - 6;
    if (split < this.#from) throw OTHER_FORM;
    return [split === this.#from ? 0 : this.#digits(this.#from, split), this.#digits(split, this.#to)];
  }

  /** The value of 1 to 16 digits. */
  #digits(from: number, to: number): number {
    let value = 0;
    for (let at = from; at < to; at++) {
      const byte = this.#bytes[at];
      if (!isDigit(byte)) throw OTHER_FORM;
      value = value * 10 + (byte - ZERO);
    }
    if (to === from || !Number.isSafeInteger(value)) throw OTHER_FORM;
    return value;
  }

  /**
   * A JSON number. With at most 15 digits, they and their power of ten are whole numbers that a double holds exactly: one
   * division then rounds once, as reading the decimal does.
   */
  number(): number {
    const bytes = this.#bytes;
    const from = this.#at;
    const first = bytes[from] === MINUS ? from + 1 : from;
    let at = first;
    let digits = 0;
    let point = -1;
    for (; ; at++) {
      const byte = bytes[at];
      if (isDigit(byte)) digits = digits * 10 + (byte - ZERO);
      else if (byte === POINT && point < 0) point = at;
      else break;
    }
    if (point < 0) point = at;
    const fraction = Math.max(0, at - point - 1);
    const isPlain = point > first && at !== point + 1 && !(bytes[first] === ZERO && point > first + 1);
    if (!isPlain || at - first > MOST_DIGITS || isNumberByte(bytes[at])) return this.#anyNumber(from);
    this.#at = at;
    const value = digits / (POWERS_OF_TEN[fraction] as number);
    return first === from ? value : -value;
  }

  #anyNumber(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (isNumberByte(bytes[at])) at += 1;
    this.#at = at;
    const text = bytes.toString('latin1', from, at);
    const number = NUMBER.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(number)) throw OTHER_FORM;
    return number;
  }

  /** Each is another: kept texts would be of no use. */
  id(): string {
    this.string();
    return this.#plain ? this.#bytes.toString('latin1', this.#from, this.#to) : this.text();
  }

  stringText(): string {
    this.string();
    return this.text();
  }

  /** Walks over a JSON string. */
  string(): void {
    const bytes = this.#bytes;
    this.need(QUOTE);
    let at = this.#at;
    let hash = 0;
    let plain = true;
    this.#from = at;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) break;
      if (byte < 32) throw OTHER_FORM;
      if (byte > 127) plain = false;
      else if (byte === BACKSLASH) {
        plain = false;
        at = this.#escape(at);
      }
      hash = (Math.imul(hash, 31) + byte) | 0;
      at += 1;
    }
    this.#to = at;
    this.#hash = hash;
    this.#plain = plain;
    this.#at = at + 1;
  }

  /** The last byte of the escape that begins at `at`. */
  #escape(at: number): number {
    const sort = this.#bytes[at + 1] ?? 0;
    if (sort !== ESCAPE_U) {
      if (!ESCAPES.includes(sort)) throw OTHER_FORM;
      return at + 1;
    }
    if (!HEX.test(this.#bytes.toString('latin1', at + 2, at + 6))) throw OTHER_FORM;
    return at + 5;
  }

  /** The last string, decoded. */
  text(): string {
    if (this.#plain) return this.#plainText();
    return JSON.parse(this.#bytes.toString('utf8', this.#from - 1, this.#to + 1));
  }

  /** Features, models, statuses … come again and again: comparing one is cheaper than making it. */
  #plainText(): string {
    const length = this.#to - this.#from;
    const known = this.#texts.get(this.#hash);
    if (known !== undefined && known.length === length && this.#isText(known)) return known;
    const text = this.#bytes.toString('latin1', this.#from, this.#to);
    if (length <= LONGEST_KEPT && this.#texts.size < MOST_KEPT) this.#texts.set(this.#hash, text);
    return text;
  }

  #isText(text: string): boolean {
    const bytes = this.#bytes;
    const from = this.#from;
    for (let index = 0; index < text.length; index++) if (bytes[from + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  expect(run: Run): void {
    if (!this.matches(run)) throw OTHER_FORM;
  }

  /** Steps over a run if it stands here. */
  matches(run: Run): boolean {
    if (!run.isAt(this.#view, this.#at)) return false;
    this.#at += run.length;
    return true;
  }

  need(byte: number): void {
    if (!this.take(byte)) throw OTHER_FORM;
  }

  take(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

/** A digit, or one of `+ - . e`. */
function isNumberByte(byte: number | undefined): boolean {
  return isDigit(byte) || byte === MINUS || byte === POINT || byte === 101 || byte === 43;
}
