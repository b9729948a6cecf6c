/**
 * Walks over the bytes of strictly formed JSON, token by token: what is expected next is there, or the walk ends with
 * {@link OTHER_FORM}. Strings are hashed while they are walked over, so that names are found and texts that come again are
 * given again without being decoded.
 */

/** The bytes of a text, to be compared with those of the input. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const ESCAPES = bytesOf('"\\/bfnrt');
const ESCAPE_U = 117;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/;
const HEX = /^[\da-f]{4}$/i;

const QUOTE = 34;
const MINUS = 45;
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

  /** The {@link hashOf} of the last string. */
  get hash(): number {
    return this.#hash;
  }

  begin(bytes: Buffer, at: number): void {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Is this the last string? */
  isLast(text: Uint8Array): boolean {
    return this.#to - this.#from === text.length && this.#equals(text, this.#from);
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

  number(): number {
    const bytes = this.#bytes;
    const from = this.#at;
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

  expect(text: Uint8Array): void {
    if (!this.matches(text)) throw OTHER_FORM;
  }

  matches(text: Uint8Array): boolean {
    if (!this.#equals(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #equals(text: Uint8Array, from: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < text.length; index++) if (bytes[from + index] !== text[index]) return false;
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

/** The hash that the cursor gives to a string of these bytes. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

/** A digit, or one of `+ - . e`. */
function isNumberByte(byte: number | undefined): boolean {
  return isDigit(byte) || byte === MINUS || byte === 46 || byte === 101 || byte === 43;
}
