/** Usage -> disjoint meters: every token in exactly one of them. */
import { METER_COUNT, METER_INDEX, type MeterName } from './meters.ts';
import type { Usage } from './types.ts';

/** Disjoint quantities of one usage vector, by meter index. Filled by {@link measure}; reused by its owner. */
export interface Measured {
  readonly quantities: Float64Array;
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
  return { quantities: new Float64Array(METER_COUNT), prompt: 0, clamped: false, invalid: [], reported: false };
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

/**
 * Splits `usage` into disjoint meters. Never throws for plain objects. Details that do not fit into their total are cut,
 * cache reads first to last write, so that no token is billed twice; a total that is missing is the sum of its details.
 */
export function measure(usage: Usage, out: Measured): Measured {
  out.clamped = false;
  out.reported = false;
  out.invalid.length = 0;
  const q = out.quantities;
  q.fill(0);
  load(usage, q, out);
  splitInput(usage, q, out);
  splitOutput(usage, q, out);
  return out;
}

function splitInput(usage: Usage, q: Float64Array, out: Measured): void {
  let input = at(q, I.input);
  let cacheRead = at(q, I.cacheRead);
  let writes = 0;
  for (const index of CACHE_WRITES) writes += at(q, index);
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

function quantity(value: unknown, name: MeterName, out: Measured): number {
  if (value === null) return 0;
  if (typeof value !== 'number' || !(value >= 0) || value === Number.POSITIVE_INFINITY) {
    out.invalid.push(name);
    return 0;
  }
  out.reported = true;
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  out.clamped = true;
  return Number.MAX_SAFE_INTEGER;
}

/** One line per meter, because reading a property by a name that varies is what made this slow. */
function load(usage: Usage, q: Float64Array, out: Measured): void {
  if (usage.input !== undefined) q[I.input] = quantity(usage.input, 'input', out);
  if (usage.output !== undefined) q[I.output] = quantity(usage.output, 'output', out);
  if (usage.cacheRead !== undefined) q[I.cacheRead] = quantity(usage.cacheRead, 'cacheRead', out);
  if (usage.cacheWrite !== undefined) q[I.cacheWrite] = quantity(usage.cacheWrite, 'cacheWrite', out);
  if (usage.cacheWrite5m !== undefined) q[I.cacheWrite5m] = quantity(usage.cacheWrite5m, 'cacheWrite5m', out);
  if (usage.cacheWrite30m !== undefined) q[I.cacheWrite30m] = quantity(usage.cacheWrite30m, 'cacheWrite30m', out);
  if (usage.cacheWrite1h !== undefined) q[I.cacheWrite1h] = quantity(usage.cacheWrite1h, 'cacheWrite1h', out);
  if (usage.cacheWrite12h !== undefined) q[I.cacheWrite12h] = quantity(usage.cacheWrite12h, 'cacheWrite12h', out);
  if (usage.reasoning !== undefined) q[I.reasoning] = quantity(usage.reasoning, 'reasoning', out);
  if (usage.audioInput !== undefined) q[I.audioInput] = quantity(usage.audioInput, 'audioInput', out);
  if (usage.imageInput !== undefined) q[I.imageInput] = quantity(usage.imageInput, 'imageInput', out);
  if (usage.videoInput !== undefined) q[I.videoInput] = quantity(usage.videoInput, 'videoInput', out);
  if (usage.audioOutput !== undefined) q[I.audioOutput] = quantity(usage.audioOutput, 'audioOutput', out);
  if (usage.imageOutput !== undefined) q[I.imageOutput] = quantity(usage.imageOutput, 'imageOutput', out);
  if (usage.videoOutput !== undefined) q[I.videoOutput] = quantity(usage.videoOutput, 'videoOutput', out);
  if (usage.audioCacheRead !== undefined) q[I.audioCacheRead] = quantity(usage.audioCacheRead, 'audioCacheRead', out);
  if (usage.imageCacheRead !== undefined) q[I.imageCacheRead] = quantity(usage.imageCacheRead, 'imageCacheRead', out);
  if (usage.citation !== undefined) q[I.citation] = quantity(usage.citation, 'citation', out);
  if (usage.requests !== undefined) q[I.requests] = quantity(usage.requests, 'requests', out);
  if (usage.webSearches !== undefined) q[I.webSearches] = quantity(usage.webSearches, 'webSearches', out);
  if (usage.webFetches !== undefined) q[I.webFetches] = quantity(usage.webFetches, 'webFetches', out);
  if (usage.fileSearches !== undefined) q[I.fileSearches] = quantity(usage.fileSearches, 'fileSearches', out);
  if (usage.codeExecutions !== undefined) q[I.codeExecutions] = quantity(usage.codeExecutions, 'codeExecutions', out);
  if (usage.images !== undefined) q[I.images] = quantity(usage.images, 'images', out);
  if (usage.pages !== undefined) q[I.pages] = quantity(usage.pages, 'pages', out);
  if (usage.searchUnits !== undefined) q[I.searchUnits] = quantity(usage.searchUnits, 'searchUnits', out);
  if (usage.inputCharacters !== undefined)
    q[I.inputCharacters] = quantity(usage.inputCharacters, 'inputCharacters', out);
  if (usage.outputCharacters !== undefined)
    q[I.outputCharacters] = quantity(usage.outputCharacters, 'outputCharacters', out);
  if (usage.inputAudioSeconds !== undefined)
    q[I.inputAudioSeconds] = quantity(usage.inputAudioSeconds, 'inputAudioSeconds', out);
  if (usage.outputAudioSeconds !== undefined)
    q[I.outputAudioSeconds] = quantity(usage.outputAudioSeconds, 'outputAudioSeconds', out);
  if (usage.videoSeconds !== undefined) q[I.videoSeconds] = quantity(usage.videoSeconds, 'videoSeconds', out);
}
