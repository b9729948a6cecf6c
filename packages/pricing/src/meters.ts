/**
 * A meter is one priced dimension of usage. The canonical {@link Usage} is inclusive (`input` contains cached tokens,
 * `output` contains reasoning); meters are disjoint, so that every token is billed once. `measure` turns one into the
 * other. This table is the one list of them.
 */
import type { Usage } from './types.ts';

/** What a rate is quoted per, in overrides and in the price book. */
export type RateUnit = 'million tokens' | 'million characters' | 'thousand' | 'minute';

/** Units in one quoted unit. */
export const UNITS_PER: Readonly<Record<RateUnit, number>> = {
  'million tokens': 1_000_000,
  'million characters': 1_000_000,
  thousand: 1000,
  minute: 60,
};

export interface Meter {
  readonly name: MeterName;
  readonly unit: RateUnit;
  /**
   * Whose rate applies when the row has none of its own, in order. `silent` says that providers bill it so by rule
   * (image tokens are input tokens); otherwise the amount is inferred and flagged `missing_rate:<meter>`.
   */
  readonly fallback: readonly { readonly meter: MeterName; readonly silent: boolean }[];
  /**
   * - `required`: without a rate a quantity above 0 leaves the call unpriced
   * - `alternative`: another measure of work that tokens already bill; without a rate it costs nothing as long as
   *   anything else of the call has one
   */
  readonly need: 'required' | 'alternative';
}

export type MeterName = keyof Usage;

const rule = (meter: MeterName): { meter: MeterName; silent: boolean } => ({ meter, silent: true });
const inferred = (meter: MeterName): { meter: MeterName; silent: boolean } => ({ meter, silent: false });

function tokens(name: MeterName, ...fallback: Meter['fallback']): Meter {
  return { name, unit: 'million tokens', fallback, need: 'required' };
}

function counted(name: MeterName, unit: RateUnit, need: Meter['need']): Meter {
  return { name, unit, fallback: [], need };
}

/** Every meter; the position is the index in a rate array. */
export const METERS: readonly Meter[] = [
  tokens('input'),
  tokens('output'),
  tokens('cacheRead', inferred('input')),
  tokens('cacheWrite', rule('cacheWrite5m'), inferred('input')),
  tokens('cacheWrite5m', rule('cacheWrite'), inferred('input')),
  tokens('cacheWrite30m', rule('cacheWrite'), inferred('input')),
  tokens('cacheWrite1h', inferred('cacheWrite'), inferred('input')),
  tokens('cacheWrite12h', inferred('cacheWrite'), inferred('input')),
  tokens('reasoning', rule('output')),
  tokens('audioInput', inferred('input')),
  tokens('imageInput', rule('input')),
  tokens('videoInput', rule('input')),
  tokens('audioOutput', inferred('output')),
  tokens('imageOutput', rule('output')),
  tokens('videoOutput', rule('output')),
  tokens('audioCacheRead', rule('cacheRead'), inferred('input')),
  tokens('imageCacheRead', rule('cacheRead'), inferred('input')),
  tokens('citation'),
  counted('requests', 'thousand', 'alternative'),
  counted('webSearches', 'thousand', 'required'),
  counted('webFetches', 'thousand', 'required'),
  counted('fileSearches', 'thousand', 'required'),
  counted('codeExecutions', 'thousand', 'required'),
  counted('images', 'thousand', 'alternative'),
  counted('pages', 'thousand', 'alternative'),
  counted('searchUnits', 'thousand', 'alternative'),
  counted('inputCharacters', 'million characters', 'alternative'),
  counted('outputCharacters', 'million characters', 'alternative'),
  counted('inputAudioSeconds', 'minute', 'alternative'),
  counted('outputAudioSeconds', 'minute', 'alternative'),
  counted('videoSeconds', 'minute', 'alternative'),
];

export const METER_COUNT: number = METERS.length;

/** Index of each meter by name. */
export const METER_INDEX: Readonly<Record<MeterName, number>> = Object.fromEntries(
  METERS.map((meter, index) => [meter.name, index]),
) as Record<MeterName, number>;
