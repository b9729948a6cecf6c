/** Usage -> disjoint meters: every token in exactly one of them. */
import { METER_COUNT, METER_INDEX, type MeterName } from './meters.ts';
import type { Usage } from './types.ts';

/** Disjoint quantities of one usage vector, by meter index. Filled by {@link measure}; reused by its owner. */
export interface Measured {
  readonly quantities: Float64Array;
  /** One bit per meter that may have a quantity; the others have none. */
  used: number;
  /** All input tokens, cached ones included: what a long-context bound is compared with. */
  prompt: number;
  /** The vector contradicts itself (a part above its whole, a value out of range) and was cut to fit. */
  clamped: boolean;
  /** Fields that are no finite number >= 0; they count as not reported. */
  readonly invalid: MeterName[];
  /** At least one field is reported. */
  reported: boolean;
}

export function createMeasured(): Measured {
  return {
    quantities: new Float64Array(METER_COUNT),
    used: 0,
    prompt: 0,
    clamped: false,
    invalid: [],
    reported: false,
  };
}

const I = METER_INDEX;
const CACHE_WRITES: readonly number[] = [
  I.cacheWrite,
  I.cacheWrite5m,
  I.cacheWrite30m,
  I.cacheWrite1h,
  I.cacheWrite12h,
];
const OUTPUT_DETAILS: readonly number[] = [I.reasoning, I.audioOutput, I.imageOutput, I.videoOutput];

function bits(...indexes: readonly number[]): number {
  return indexes.reduce((mask, index) => mask | (1 << index), 0);
}

const INPUT_BIT = bits(I.input);
const WRITES = bits(...CACHE_WRITES);
const INPUT_MODALITIES = bits(I.audioInput, I.imageInput, I.videoInput, I.audioCacheRead, I.imageCacheRead);
const ANY_OUTPUT_DETAIL = bits(...OUTPUT_DETAILS);

/**
 * Splits `usage` into disjoint meters. Never throws for plain objects. Details that do not fit into their total are cut,
 * cache reads first to last write, so that no token is billed twice; a total that is missing is the sum of its details.
 */
export function measure(usage: Usage, out: Measured): Measured {
  out.clamped = false;
  out.reported = false;
  if (out.invalid.length > 0) out.invalid.length = 0;
  const q = out.quantities;
  for (let rest = out.used; rest !== 0; rest &= rest - 1) q[lowestBit(rest)] = 0;
  out.used = 0;
  load(usage, q, out);
  splitInput(usage, q, out);
  if ((out.used & ANY_OUTPUT_DETAIL) !== 0) splitOutput(usage, q, out);
  return out;
}

/** Index of the lowest bit of a mask that has one. */
export function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

function splitInput(usage: Usage, q: Float64Array, out: Measured): void {
  let input = at(q, I.input);
  let cacheRead = at(q, I.cacheRead);
  let writes = 0;
  if ((out.used & WRITES) !== 0) for (const index of CACHE_WRITES) writes += at(q, index);
  if (usage.input === undefined) {
    cacheRead = Math.max(cacheRead, at(q, I.audioCacheRead) + at(q, I.imageCacheRead));
    input = Math.max(cacheRead + writes, at(q, I.audioInput) + at(q, I.imageInput) + at(q, I.videoInput));
    if (input > 0) out.clamped = true;
  }
  if (cacheRead + writes > input) {
    out.clamped = true;
    cacheRead = Math.min(cacheRead, input);
    let room = input - cacheRead;
    for (const index of CACHE_WRITES) room -= q[index] = Math.min(at(q, index), room);
    writes = input - cacheRead - room;
  }
  out.prompt = input;
  out.used |= INPUT_BIT;
  if ((out.used & INPUT_MODALITIES) === 0) {
    q[I.cacheRead] = cacheRead;
    q[I.input] = input - cacheRead - writes;
    return;
  }
  const audioCached = fit(at(q, I.audioCacheRead), cacheRead, out);
  const imageCached = fit(at(q, I.imageCacheRead), cacheRead - audioCached, out);
  q[I.audioCacheRead] = audioCached;
  q[I.imageCacheRead] = imageCached;
  q[I.cacheRead] = cacheRead - audioCached - imageCached;
  let fresh = input - cacheRead - writes;
  fresh -= q[I.audioInput] = freshPart(at(q, I.audioInput), audioCached, fresh, input, out);
  fresh -= q[I.imageInput] = freshPart(at(q, I.imageInput), imageCached, fresh, input, out);
  fresh -= q[I.videoInput] = freshPart(at(q, I.videoInput), 0, fresh, input, out);
  q[I.input] = fresh;
}

/** Providers count a modality over cached and fresh tokens alike: what exceeds the fresh ones was cached. */
function freshPart(total: number, cached: number, fresh: number, input: number, out: Measured): number {
  return total === 0 ? 0 : Math.min(Math.max(0, fit(total, input, out) - cached), fresh);
}

function splitOutput(usage: Usage, q: Float64Array, out: Measured): void {
  let rest = at(q, I.output);
  for (const index of OUTPUT_DETAILS) {
    const part = at(q, index);
    if (part === 0) continue;
    if (usage.output === undefined) {
      out.clamped = true;
      continue;
    }
    const fitting = fit(part, rest, out);
    q[index] = fitting;
    rest -= fitting;
  }
  q[I.output] = rest;
}

function at(q: Float64Array, index: number): number {
  return q[index] as number;
}

function fit(part: number, whole: number, out: Measured): number {
  if (part <= whole) return part;
  out.clamped = true;
  return whole;
}

function put(value: unknown, name: MeterName, index: number, q: Float64Array, out: Measured): void {
  if (value === null) return;
  if (typeof value !== 'number' || !(value >= 0) || value === Number.POSITIVE_INFINITY) {
    out.invalid.push(name);
    return;
  }
  out.reported = true;
  if (value === 0) return;
  out.used |= 1 << index;
  if (value <= Number.MAX_SAFE_INTEGER) q[index] = value;
  else {
    out.clamped = true;
    q[index] = Number.MAX_SAFE_INTEGER;
  }
}

/** One line per meter, because reading a property by a name that varies is what made this slow. */
function load(usage: Usage, q: Float64Array, out: Measured): void {
  if (usage.input !== undefined) put(usage.input, 'input', I.input, q, out);
  if (usage.output !== undefined) put(usage.output, 'output', I.output, q, out);
  if (usage.cacheRead !== undefined) put(usage.cacheRead, 'cacheRead', I.cacheRead, q, out);
  if (usage.cacheWrite !== undefined) put(usage.cacheWrite, 'cacheWrite', I.cacheWrite, q, out);
  if (usage.cacheWrite5m !== undefined) put(usage.cacheWrite5m, 'cacheWrite5m', I.cacheWrite5m, q, out);
  if (usage.cacheWrite30m !== undefined) put(usage.cacheWrite30m, 'cacheWrite30m', I.cacheWrite30m, q, out);
  if (usage.cacheWrite1h !== undefined) put(usage.cacheWrite1h, 'cacheWrite1h', I.cacheWrite1h, q, out);
  if (usage.cacheWrite12h !== undefined) put(usage.cacheWrite12h, 'cacheWrite12h', I.cacheWrite12h, q, out);
  if (usage.reasoning !== undefined) put(usage.reasoning, 'reasoning', I.reasoning, q, out);
  if (usage.audioInput !== undefined) put(usage.audioInput, 'audioInput', I.audioInput, q, out);
  if (usage.imageInput !== undefined) put(usage.imageInput, 'imageInput', I.imageInput, q, out);
  if (usage.videoInput !== undefined) put(usage.videoInput, 'videoInput', I.videoInput, q, out);
  if (usage.audioOutput !== undefined) put(usage.audioOutput, 'audioOutput', I.audioOutput, q, out);
  if (usage.imageOutput !== undefined) put(usage.imageOutput, 'imageOutput', I.imageOutput, q, out);
  if (usage.videoOutput !== undefined) put(usage.videoOutput, 'videoOutput', I.videoOutput, q, out);
  if (usage.audioCacheRead !== undefined) put(usage.audioCacheRead, 'audioCacheRead', I.audioCacheRead, q, out);
  if (usage.imageCacheRead !== undefined) put(usage.imageCacheRead, 'imageCacheRead', I.imageCacheRead, q, out);
  if (usage.citation !== undefined) put(usage.citation, 'citation', I.citation, q, out);
  if (usage.requests !== undefined) put(usage.requests, 'requests', I.requests, q, out);
  if (usage.webSearches !== undefined) put(usage.webSearches, 'webSearches', I.webSearches, q, out);
  if (usage.webFetches !== undefined) put(usage.webFetches, 'webFetches', I.webFetches, q, out);
  if (usage.fileSearches !== undefined) put(usage.fileSearches, 'fileSearches', I.fileSearches, q, out);
  if (usage.codeExecutions !== undefined) put(usage.codeExecutions, 'codeExecutions', I.codeExecutions, q, out);
  if (usage.images !== undefined) put(usage.images, 'images', I.images, q, out);
  if (usage.pages !== undefined) put(usage.pages, 'pages', I.pages, q, out);
  if (usage.searchUnits !== undefined) put(usage.searchUnits, 'searchUnits', I.searchUnits, q, out);
  if (usage.inputCharacters !== undefined) put(usage.inputCharacters, 'inputCharacters', I.inputCharacters, q, out);
  if (usage.outputCharacters !== undefined) put(usage.outputCharacters, 'outputCharacters', I.outputCharacters, q, out);
  if (usage.inputAudioSeconds !== undefined)
    put(usage.inputAudioSeconds, 'inputAudioSeconds', I.inputAudioSeconds, q, out);
  if (usage.outputAudioSeconds !== undefined)
    put(usage.outputAudioSeconds, 'outputAudioSeconds', I.outputAudioSeconds, q, out);
  if (usage.videoSeconds !== undefined) put(usage.videoSeconds, 'videoSeconds', I.videoSeconds, q, out);
}
