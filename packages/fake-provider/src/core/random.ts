/**
 * Numbers that look drawn and are computed: the same parts give the same sequence on every machine. FNV-1a turns the
 * parts into a seed, mulberry32 turns the seed into a sequence.
 */

/** The next number of a sequence, in [0, 1). */
export type Random = () => number;

/** A sequence that depends on the parts and on nothing else. */
export function seeded(...parts: readonly (string | number)[]): Random {
  let state = hash(parts.join('\u0000'));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A 32-bit number of a text, for telling requests apart. */
export function hash(value: string): number {
  let result = 0x811c9dc5;
  for (let index = 0; index < value.length; index++) {
    result = Math.imul(result ^ value.charCodeAt(index), 0x01000193);
  }
  return result >>> 0;
}

/** An integer in [low, high]. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const HEXADECIMAL = '0123456789abcdef';

/** An id as the providers write them: a prefix and `length` letters and digits. */
export function identifier(random: Random, prefix: string, length: number, alphabet: 'base62' | 'hex'): string {
  const letters = alphabet === 'hex' ? HEXADECIMAL : ALPHANUMERIC;
  let result = prefix;
  for (let index = 0; index < length; index++) result += letters[Math.floor(random() * letters.length)];
  return result;
}
