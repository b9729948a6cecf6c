/** Encoded rates -> whole pico-USD per unit, in the sets that the engine picks from. */
import { METER_COUNT, METER_INDEX, METERS, type MeterName, UNITS_PER } from '../meters.ts';
import type { EncodedRates, EncodedTier } from './encoded.ts';
import type { RateSet, Rates, Tier } from './model.ts';

const PICO_PER_USD = 1e12;

export function rateSet(
  name: string,
  rates: EncodedRates,
  tiers: readonly EncodedTier[],
  tiersUnpublished: boolean,
): RateSet {
  return {
    name,
    rates: compileRates(rates),
    tiers: tiers
      // A tier names what it changes; a counted meter keeps its rate.
      .map(([at, bound, changed]): Tier => {
        const all = compileRates({ ...countedOnly(rates), ...changed });
        return { at, inclusive: bound === 1, ambiguous: bound === 2, rates: all };
      })
      .sort((a, b) => a.at - b.at),
    tiersUnpublished,
  };
}

export function countedOnly(rates: EncodedRates): EncodedRates {
  return Object.fromEntries(Object.entries(rates).filter(([name]) => !isTokens(name)));
}

/** Token rates times `factor`; counted meters, and those of `except`, keep theirs. */
export function scale(rates: EncodedRates, factor: number, except: readonly string[] = []): EncodedRates {
  const scaled = Object.entries(rates).map(([name, rate]) => {
    const keep = !isTokens(name) || except.includes(name);
    // A millionth of a dollar per million tokens is a pico-dollar per token: finer is no rate.
    return [name, keep ? rate : Math.round(rate * factor * 1e6) / 1e6] as const;
  });
  return Object.fromEntries(scaled);
}

function isTokens(name: string): boolean {
  const meter = METERS[METER_INDEX[name as MeterName]];
  return meter?.unit === 'million tokens';
}

/** USD per quoted unit -> pico-USD per unit, with the fallbacks of the meter table resolved. */
export function compileRates(rates: EncodedRates): Rates {
  const own = new Float64Array(METER_COUNT).fill(Number.NaN);
  for (const [name, usd] of Object.entries(rates)) {
    const index = METER_INDEX[name as MeterName];
    const meter = METERS[index];
    if (meter !== undefined) own[index] = Math.round((usd * PICO_PER_USD) / UNITS_PER[meter.unit]);
  }
  return withFallbacks(own);
}

/** Completes rates of a seller's own by the fallbacks of the meter table. */
export function withFallbacks(own: Float64Array): Rates {
  const perUnit = Float64Array.from(own);
  let inferred = 0;
  METERS.forEach((meter, index) => {
    if (!Number.isNaN(own[index])) return;
    const fallback = meter.fallback.find((candidate) => !Number.isNaN(own[METER_INDEX[candidate.meter]]));
    if (fallback === undefined) return;
    perUnit[index] = own[METER_INDEX[fallback.meter]] as number;
    if (!fallback.silent) inferred |= 1 << index;
  });
  return { perUnit, own, inferred };
}
