/**
 * Bytes that came once at a place of the grammar and are likely to come there again. What they mean was found out when
 * they were first walked over, token by token; where the same bytes stand again, they mean the same, and comparing them
 * takes a tenth of the time.
 */

const WORD = Float64Array.BYTES_PER_ELEMENT;
/** Longer ones are rare: keeping them would cost more than it saves. */
const MOST_BYTES = 4096;

/**
 * Eight bytes are compared at once, as a double: the machine compares nothing larger without an object for it. Bytes of
 * ASCII other than zeros are a double that is neither 0 nor no number, so it equals another exactly if the bytes do.
 */
export class Run {
  readonly length: number;
  /** Word by word; the last word ends with the last byte, and may begin within the one before it. */
  readonly #words: Float64Array;
  /** All bytes, where there are fewer than a word has. */
  readonly #bytes: Uint8Array;

  /** The bytes must be ASCII, and none of them a zero: see {@link Run.of}. */
  private constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer);
    this.length = bytes.length;
    this.#bytes = bytes.length < WORD ? bytes : bytes.subarray(0, 0);
    const words = bytes.length < WORD ? 0 : Math.ceil(bytes.length / WORD);
    this.#words = Float64Array.from({ length: words }, (_, word) =>
      view.getFloat64(Math.min(word * WORD, bytes.length - WORD), true),
    );
  }

  /** The bytes of an ASCII text. */
  static ofText(text: string): Run {
    return new Run(Uint8Array.from(Buffer.from(text, 'latin1')));
  }

  /** A copy of some bytes; undefined where they cannot be compared in this way, or are too many. */
  static of(bytes: Uint8Array, from: number, to: number): Run | undefined {
    if (to - from > MOST_BYTES) return undefined;
    const copy = Uint8Array.from(bytes.subarray(from, to));
    return copy.every((byte) => byte > 0 && byte < 127) ? new Run(copy) : undefined;
  }

  /** Do its bytes stand there? */
  isAt(view: DataView, at: number): boolean {
    const words = this.#words;
    const last = words.length - 1;
    if (at + this.length > view.byteLength) return false;
    for (let word = 0; word < last; word++) {
      if (view.getFloat64(at + word * WORD, true) !== words[word]) return false;
    }
    if (last >= 0) return view.getFloat64(at + this.length - WORD, true) === words[last];
    return this.#isShortAt(view, at);
  }

  #isShortAt(view: DataView, at: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < bytes.length; index++) {
      if (view.getUint8(at + index) !== bytes[index]) return false;
    }
    return true;
  }
}
