/**
 * OTTL that reads the tokens of a span, by any spelling, into disjoint quantities in the cache of the span, by the same rules
 * as the engine's. The names are those of `TOKEN_SPELLINGS`; `est` says that something was inferred.
 */
import { TOKEN_SPELLINGS } from './attributes.ts';
import { attribute, cache, firstOf, isSet, set } from './ottl.ts';
import { tokensOf } from './scratch.ts';

export const ESTIMATED: string = cache('est');

const KEYS = Object.keys(TOKEN_SPELLINGS);
/** What text alone needs. */
const TEXT_KEYS = ['in', 'out', 'read', 'write', 'think'];

/** Where each quantity belongs: parts of the input and of the output, and what of the input the cache gave. */
export interface Quantities {
  readonly input: readonly string[];
  readonly cached: readonly string[];
  readonly output: readonly string[];
}
export const TEXT: Quantities = { input: ['in', 'write'], cached: ['read'], output: ['out', 'think'] };
export const MEDIA: Quantities = {
  input: [...TEXT.input, 'audio_in', 'image_in'],
  cached: [...TEXT.cached, 'audio_read', 'image_read'],
  output: [...TEXT.output, 'audio_out', 'image_out'],
};

const spelled = (key: string): string => firstOf((TOKEN_SPELLINGS[key] ?? []).map(attribute));
const orZero = (key: string): string => {
  return `Double(${firstOf([...(TOKEN_SPELLINGS[key] ?? []).map(attribute), '0.0'])})`;
};

/** More than text, or a span that does not say how much went in. */
export const NOT_JUST_TEXT: string = [
  `${spelled('in')} == nil`,
  isSet(
    firstOf(
      KEYS.filter((key) => !TEXT_KEYS.includes(key))
        .flatMap((key) => TOKEN_SPELLINGS[key] as string[])
        .map(attribute),
    ),
  ),
].join(' or ');

export const NO_USAGE: string = KEYS.map((key) => `${spelled(key)} == nil`).join(' and ');

/** Of the prompt as a whole, cached tokens included, into `prompt`. */
export function promptStatements(): readonly string[] {
  const [whole, read, write] = [cache('prompt'), cache('read'), cache('write')];
  return [
    set(whole, orZero('in')),
    set(read, orZero('read')),
    set(write, orZero('write')),
    set(whole, `${whole} + ${read} + ${write}`, `${whole} < ${read} + ${write}`),
  ];
}

/** What is not a number of tokens: negative, or a text that is none. */
export function isNoNumber({ input, cached, output }: Quantities): string {
  return `not (${[...input, ...cached, ...output].map((key) => `${cache(key)} >= 0.0`).join(' and ')})`;
}

/** Tokens of a span for which {@link NOT_JUST_TEXT} does not hold. */
export function readText(): readonly string[] {
  return TEXT_KEYS.map((key) => set(cache(key), orZero(key)));
}

/** Tokens of any span. */
export function readMedia(): readonly string[] {
  const parts = ['read', 'write', 'audio_in', 'image_in'].map((key) => isSet(spelled(key)));
  return [
    // Without a total of the input, it is what its parts add up to.
    set(ESTIMATED, 'true', `${spelled('in')} == nil and (${parts.join(' or ')})`),
    ...KEYS.map((key) => set(cache(key), orZero(key))),
  ];
}

const [IN, OUT, READ, WRITE] = [cache('in'), cache('out'), cache('read'), cache('write')];

/** Instrumentations that leave cached tokens out of the input, as Anthropic's API does. */
const INCLUSIVE = set(IN, `${IN} + ${READ} + ${WRITE}`, `${IN} < ${READ} + ${WRITE}`);

function fit(part: string, whole: string): readonly string[] {
  return [set(ESTIMATED, 'true', `${part} > ${whole}`), set(part, whole, `${part} > ${whole}`)];
}

export function splitText(): readonly string[] {
  const think = cache('think');
  return [INCLUSIVE, set(IN, `${IN} - ${READ} - ${WRITE}`), ...fit(think, OUT), set(OUT, `${OUT} - ${think}`)];
}

export function splitMedia(): readonly string[] {
  const prompt = cache('prompt');
  const allRead = cache('all_read');
  const take = (part: string, whole: string): readonly string[] => [
    ...fit(part, whole),
    set(whole, `${whole} - ${part}`),
  ];
  return [
    INCLUSIVE,
    set(prompt, IN),
    set(allRead, READ),
    ...take(cache('audio_read'), READ),
    ...take(cache('image_read'), READ),
    set(IN, `${IN} - ${allRead} - ${WRITE}`),
    // Providers count a modality over cached and fresh tokens alike: what exceeds the fresh ones was cached.
    ...['audio', 'image'].flatMap((modality) => {
      const part = cache(`${modality}_in`);
      return [
        ...fit(part, prompt),
        set(part, `${part} - ${cache(`${modality}_read`)}`),
        set(part, '0.0', `${part} < 0.0`),
        set(part, IN, `${part} > ${IN}`),
        set(IN, `${IN} - ${part}`),
      ];
    }),
    ...['think', 'audio_out', 'image_out'].flatMap((key) => take(cache(key), OUT)),
  ];
}

export function sumOf(keys: readonly string[]): string {
  const sum = keys.map(cache).join(' + ');
  return keys.length === 1 ? sum : `(${sum})`;
}

/** Tokens by type, where `known` holds. */
export function tokensByType({ input, cached, output }: Quantities, known: string): readonly string[] {
  const types: readonly (readonly [type: string, keys: readonly string[]])[] = [
    ['input', input.filter((key) => key !== 'write')],
    ['cache_read', cached],
    ['cache_write', ['write']],
    ['output', output.filter((key) => key !== 'think')],
    ['reasoning', ['think']],
  ];
  return types.map(([type, keys]) => set(tokensOf(type), sumOf(keys), `${sumOf(keys)} > 0.0 and ${known}`));
}
