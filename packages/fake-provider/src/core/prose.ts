/** Text that a model might have written, of a wanted length, and its cut into the pieces of a stream. */
import { between, type Random } from './random.ts';

const WORDS =
  'the answer to your question depends on what you measure and how often it changes so we start from the data that is there look at each step in turn and keep only what can be shown'.split(
    ' ',
  );

/** About four characters for each token. */
export function prose(random: Random, tokens: number): string {
  const length = Math.max(1, tokens) * 4;
  let result = '';
  while (result.length < length) {
    const word = WORDS[between(random, 0, WORDS.length - 1)] ?? '';
    result += result === '' ? word.charAt(0).toUpperCase() + word.slice(1) : ` ${word}`;
  }
  return `${result.slice(0, Math.max(1, length - 1)).trimEnd()}.`;
}

/** The text in `count` pieces of nearly equal length, fewer when it is shorter. Joined they are the text again. */
export function pieces(value: string, count: number): readonly string[] {
  if (value === '') return [];
  const wanted = Math.max(1, Math.min(count, value.length));
  return Array.from({ length: wanted }, (_, index) =>
    value.slice(Math.floor((index * value.length) / wanted), Math.floor(((index + 1) * value.length) / wanted)),
  );
}

/** How many pieces a text has unless the plan says otherwise: one for each eight tokens, 3 to 40. */
export function usualPieces(value: string): number {
  return Math.max(3, Math.min(40, Math.round(value.length / 32)));
}
