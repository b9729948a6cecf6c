/**
 * A meter is one priced dimension of usage. The canonical {@link Usage} is inclusive (`input` contains cached tokens,
 * `output` contains reasoning); meters are disjoint, so that every token is billed once. `measure` turns one into the
 * other. This table is the only place that knows the meters.
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

const CACHE_WRITES = ['cacheWrite', 'cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h'] as const;
const INPUT_MODALITIES = ['audioInput', 'imageInput', 'videoInput'] as const;
const OUTPUT_DETAILS = ['reasoning', 'audioOutput', 'imageOutput', 'videoOutput'] as const;
const FIRST_COUNTED = METER_INDEX.citation;

/** Disjoint quantities of one usage vector, by meter index. Filled by {@link measure}; reused by its owner. */
export interface Measured {
  readonly quantities: Float64Array;
  /** All input tokens, cached ones included: what a long-context bound is compared with. */
  prompt: number;
  /** The vector contradicts itself (a part above its whole, a value out of range) and was cut to fit. */
  clamped: boolean;
  /** Fields that are no finite number >= 0; they count as not reported. */
  readonly invalid: string[];
  /** At least one field is reported. */
  reported: boolean;
}

export function createMeasured(): Measured {
  return { quantities: new Float64Array(METER_COUNT), prompt: 0, clamped: false, invalid: [], reported: false };
}

/**
 * Splits `usage` into disjoint meters. Never throws; takes any object. Details that do not fit into their total are cut,
 * cache reads first to last write, so that no token is billed twice; a total that is missing is the sum of its details.
 */
export function measure(usage: Usage, out: Measured): Measured {
  out.clamped = false;
  out.reported = false;
  out.invalid.length = 0;
  const q = out.quantities;
  q.fill(0);

  let input = read(usage, 'input', out);
  let cacheRead = read(usage, 'cacheRead', out);
  let writes = 0;
  for (const name of CACHE_WRITES) writes += q[METER_INDEX[name]] = read(usage, name, out);
  if (cacheRead + writes > input) {
    if (usage.input === undefined) input = cacheRead + writes;
    out.clamped = true;
    cacheRead = Math.min(cacheRead, input);
    let room = input - cacheRead;
    for (const name of CACHE_WRITES) room -= q[METER_INDEX[name]] = Math.min(q[METER_INDEX[name]] as number, room);
    writes = input - cacheRead - room;
  }
  out.prompt = input;

  const audioCacheRead = fit(read(usage, 'audioCacheRead', out), cacheRead, out);
  const imageCacheRead = fit(read(usage, 'imageCacheRead', out), cacheRead - audioCacheRead, out);
  q[METER_INDEX.audioCacheRead] = audioCacheRead;
  q[METER_INDEX.imageCacheRead] = imageCacheRead;
  q[METER_INDEX.cacheRead] = cacheRead - audioCacheRead - imageCacheRead;

  let fresh = input - cacheRead - writes;
  for (const name of INPUT_MODALITIES) {
    const total = fit(read(usage, name, out), input, out);
    const cached = name === 'audioInput' ? audioCacheRead : name === 'imageInput' ? imageCacheRead : 0;
    // Providers count a modality over cached and fresh tokens alike: what exceeds the fresh ones was cached.
    const part = Math.min(Math.max(0, total - cached), fresh);
    q[METER_INDEX[name]] = part;
    fresh -= part;
  }
  q[METER_INDEX.input] = fresh;

  let output = read(usage, 'output', out);
  const outputReported = usage.output !== undefined;
  let rest = output;
  for (const name of OUTPUT_DETAILS) {
    const part = read(usage, name, out);
    if (!outputReported) {
      output += part;
      rest += part;
      if (part > 0) out.clamped = true;
    }
    const fitting = fit(part, rest, out);
    q[METER_INDEX[name]] = fitting;
    rest -= fitting;
  }
  q[METER_INDEX.output] = rest;

  for (let index = FIRST_COUNTED; index < METER_COUNT; index++) {
    q[index] = read(usage, (METERS[index] as Meter).name, out);
  }
  return out;
}

function read(usage: Usage, name: MeterName, out: Measured): number {
  const value: unknown = usage[name];
  if (value === undefined || value === null) return 0;
  if (typeof value !== 'number' || !(value >= 0) || value === Number.POSITIVE_INFINITY) {
    out.invalid.push(name);
    return 0;
  }
  out.reported = true;
  if (value > Number.MAX_SAFE_INTEGER) {
    out.clamped = true;
    return Number.MAX_SAFE_INTEGER;
  }
  return value;
}

function fit(part: number, whole: number, out: Measured): number {
  if (part <= whole) return part;
  out.clamped = true;
  return whole;
}
