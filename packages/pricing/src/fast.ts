/**
 * The amount of the common call without objects, strings or big integers. Anything out of the ordinary (modalities, tools,
 * contradictions, amounts past 2^53 pico-USD) returns `undefined`, and the exact path answers instead.
 */
import type { Row } from './book/model.ts';
import { METER_INDEX } from './meters.ts';
import { tierOf } from './select.ts';
import type { PriceContext, Usage } from './types.ts';

const { input: IN, output: OUT, cacheRead: READ, cacheWrite: WRITE, cacheWrite5m: W5M } = METER_INDEX;
const { cacheWrite1h: W1H, reasoning: REASONING, requests: REQUESTS } = METER_INDEX;

/** USD, or `undefined` for what this path does not do. */
export function fastAmount(row: Row, usage: Usage, at: number, context: PriceContext | undefined): number | undefined {
  if (context !== undefined || row.periods.length === 0 || hasRare(usage)) return undefined;
  let period = row.periods[0];
  for (let index = 1; period !== undefined && period.from > at; index++) period = row.periods[index];
  if (period === undefined || period.schedule !== undefined || !(period.from <= at)) return undefined;
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0, cacheWrite5m = 0, cacheWrite1h = 0 } = usage;
  if (typeof input !== 'number' || typeof output !== 'number') return undefined;
  const cached = cacheRead + cacheWrite + cacheWrite5m + cacheWrite1h;
  // NaN, strings, negative and contradictory vectors fail one of these.
  if (!(cached <= input && cached >= 0 && output >= 0 && cacheRead >= 0 && cacheWrite >= 0 && cacheWrite5m >= 0)) {
    return undefined;
  }
  const set = period.standard;
  const rates = (set.tiers.length === 0 ? set : (tierOf(set, input) ?? set)).rates.perUnit;
  if (!Number.isNaN(rates[REQUESTS])) return undefined;
  if (usage.reasoning !== undefined && rates[REASONING] !== rates[OUT]) return undefined;
  const pico =
    (input - cached) * (rates[IN] as number) +
    output * (rates[OUT] as number) +
    (cacheRead === 0 ? 0 : cacheRead * (rates[READ] as number)) +
    (cacheWrite === 0 ? 0 : cacheWrite * (rates[WRITE] as number)) +
    (cacheWrite5m === 0 ? 0 : cacheWrite5m * (rates[W5M] as number)) +
    (cacheWrite1h === 0 ? 0 : cacheWrite1h * (rates[W1H] as number));
  // NaN where a rate is missing.
  return pico <= Number.MAX_SAFE_INTEGER && Number.isInteger(pico) ? pico / 1e12 : undefined;
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
