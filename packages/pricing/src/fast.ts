/**
 * The amount of the common call without objects, strings or big integers. Anything out of the ordinary (modalities, tools,
 * contradictions, amounts past 2^53 pico-USD) returns `undefined`, and the exact path answers instead.
 */
import type { Period, Row } from './book/model.ts';
import { METER_INDEX } from './meters.ts';
import { tierOf } from './select.ts';
import type { Usage } from './types.ts';

const { input: IN, output: OUT, cacheRead: READ, cacheWrite: WRITE, cacheWrite5m: W5M } = METER_INDEX;
const { cacheWrite1h: W1H, reasoning: REASONING, requests: REQUESTS } = METER_INDEX;

/** USD, or `undefined` for what this path does not do. The context must be empty. */
export function fastAmount(row: Row, usage: Usage, at: number): number | undefined {
  const { periods } = row;
  let index = 0;
  while (index < periods.length && !((periods[index] as Period).from <= at)) index++;
  const period = periods[index];
  if (period === undefined || period.schedule !== undefined || hasRare(usage)) return undefined;
  const { input, output, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h } = usage;
  if (typeof input !== 'number' || typeof output !== 'number') return undefined;
  const set = period.standard;
  const rates = (set.tiers.length === 0 ? set : (tierOf(set, input) ?? set)).rates.perUnit;
  // A fee per request, and reasoning at a rate of its own, are for the exact path.
  if (!Number.isNaN(rates[REQUESTS])) return undefined;
  if (usage.reasoning !== undefined && rates[REASONING] !== rates[OUT]) return undefined;
  let fresh = input;
  let pico = output * (rates[OUT] as number);
  if (cacheRead !== undefined && cacheRead !== 0) {
    fresh -= cacheRead;
    pico += cacheRead * (rates[READ] as number);
  }
  if (cacheWrite !== undefined && cacheWrite !== 0) {
    fresh -= cacheWrite;
    pico += cacheWrite * (rates[WRITE] as number);
  }
  if (cacheWrite5m !== undefined && cacheWrite5m !== 0) {
    fresh -= cacheWrite5m;
    pico += cacheWrite5m * (rates[W5M] as number);
  }
  if (cacheWrite1h !== undefined && cacheWrite1h !== 0) {
    fresh -= cacheWrite1h;
    pico += cacheWrite1h * (rates[W1H] as number);
  }
  pico += fresh * (rates[IN] as number);
  // Negative, contradictory and unpriced vectors, strings and fractions fail one of these.
  if (!(fresh >= 0 && output >= 0 && fresh <= input) || (cacheRead as number) < 0 || (cacheWrite as number) < 0)
    return undefined;
  if ((cacheWrite5m as number) < 0 || (cacheWrite1h as number) < 0) return undefined;
  return Number.isSafeInteger(pico) ? pico / 1e12 : undefined;
}

function hasRare(u: Usage): boolean {
  return (
    u.audioInput !== undefined ||
    u.imageInput !== undefined ||
    u.videoInput !== undefined ||
    u.audioOutput !== undefined ||
    u.imageOutput !== undefined ||
    u.videoOutput !== undefined ||
    u.audioCacheRead !== undefined ||
    u.imageCacheRead !== undefined ||
    u.citation !== undefined ||
    u.cacheWrite30m !== undefined ||
    u.cacheWrite12h !== undefined ||
    u.requests !== undefined ||
    u.webSearches !== undefined ||
    u.webFetches !== undefined ||
    u.fileSearches !== undefined ||
    u.codeExecutions !== undefined ||
    u.images !== undefined ||
    u.pages !== undefined ||
    u.searchUnits !== undefined ||
    u.inputCharacters !== undefined ||
    u.outputCharacters !== undefined ||
    u.inputAudioSeconds !== undefined ||
    u.outputAudioSeconds !== undefined ||
    u.videoSeconds !== undefined
  );
}
