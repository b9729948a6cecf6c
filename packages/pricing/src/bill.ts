/** What one usage vector costs by one row: exact parts by meter. Pure but for the scratch vector that it reuses. */
import type { Row } from './book/model.ts';
import { createMeasured, lowestBit, type Measured, measure } from './measure.ts';
import { METER_INDEX, METERS, type Meter } from './meters.ts';
import { multiply } from './money.ts';
import { Parts } from './parts.ts';
import { type Selection, select, tierOf } from './select.ts';
import type { Usage } from './types.ts';

export interface Bill {
  /** Exact amounts of the meters with a quantity. */
  readonly parts: Parts;
  /** Meters with a quantity and no rate: then there is no amount. */
  readonly unpriced: readonly string[];
  readonly cacheSavings: bigint;
  /** What applied; absent when the row has no price for the time. */
  readonly selection?: Selection;
  /** Each reason why the amount is inferred, and remarks on the usage. */
  readonly flags: readonly string[];
  /** The vector has at least one usable field. */
  readonly reported: boolean;
}

const scratch = createMeasured();
const NONE: readonly string[] = [];
const REQUESTS = METER_INDEX.requests;

/** Bills `usage` by `row`. Never throws for plain objects. */
export function bill(row: Row, at: number, code: number, usage: Usage): Bill {
  const measured = measure(usage, scratch);
  const { quantities, reported } = measured;
  const selection = select(row, at, code, promptOf(usage, measured));
  const remarks = measured.clamped || measured.invalid.length > 0 ? remarksOn(measured) : NONE;
  const parts = new Parts();
  if (selection === undefined) {
    return { parts, unpriced: usedMeters(quantities), cacheSavings: 0n, selection, flags: remarks, reported };
  }
  const { perUnit, inferred } = selection.rates;
  // A fee per request is due for every call: an absent count is one.
  if (usage.requests === undefined && reported && !Number.isNaN(perUnit[REQUESTS])) {
    quantities[REQUESTS] = 1;
    measured.used |= 1 << REQUESTS;
  }
  let flags = remarks.length === 0 ? selection.flags : [...remarks, ...selection.flags];
  if (selection.tier !== tierAt(selection, measured.prompt)) flags = [...flags, 'tier_of_average'];
  let unpriced = NONE;
  let alternative: string | undefined;
  let priced = false;
  for (let rest = measured.used; rest !== 0; rest &= rest - 1) {
    const index = lowestBit(rest);
    const quantity = quantities[index] as number;
    if (quantity === 0) continue;
    const rate = perUnit[index] as number;
    if (Number.isNaN(rate)) {
      const meter = METERS[index] as Meter;
      if (meter.need === 'required') unpriced = [...unpriced, meter.name];
      else alternative ??= meter.name;
      continue;
    }
    priced = true;
    if ((inferred & (1 << index)) !== 0) flags = [...flags, `missing_rate:${(METERS[index] as Meter).name}`];
    parts.add(index, rate, quantity);
  }
  if (!priced && alternative !== undefined) unpriced = [...unpriced, alternative];
  return { parts, unpriced, cacheSavings: savings(measured, perUnit), selection, flags, reported };
}

/** Of the sum of several requests, their average: which of them reached a bound cannot be told. */
function promptOf({ requests }: Usage, { prompt }: Measured): number {
  return requests !== undefined && requests > 1 ? prompt / requests : prompt;
}

/** The tier that the sum alone would reach. */
function tierAt({ set, tier }: Selection, prompt: number): Selection['tier'] {
  return set.tiers.length === 0 ? tier : tierOf(set, prompt);
}

/** What cache reads cost less than fresh input of the same kind would have. */
function savings({ used, quantities }: Measured, perUnit: Float64Array): bigint {
  if ((used & ANY_CACHED) === 0) return 0n;
  let saved = 0n;
  for (const { cached, fresh } of CACHED) {
    const quantity = quantities[cached] as number;
    const difference = (perUnit[fresh] as number) - (perUnit[cached] as number);
    if (quantity === 0 || !(difference > 0)) continue;
    const amount = multiply(difference, quantity);
    saved = saved === 0n ? amount : saved + amount;
  }
  return saved;
}

const CACHED: readonly { readonly cached: number; readonly fresh: number }[] = [
  { cached: METER_INDEX.cacheRead, fresh: METER_INDEX.input },
  { cached: METER_INDEX.audioCacheRead, fresh: METER_INDEX.audioInput },
  { cached: METER_INDEX.imageCacheRead, fresh: METER_INDEX.imageInput },
];
const ANY_CACHED = CACHED.reduce((mask, { cached }) => mask | (1 << cached), 0);

function remarksOn({ clamped, invalid }: Measured): string[] {
  const remarks = invalid.map((field) => `usage_invalid:${field}`);
  return clamped ? ['usage_clamped', ...remarks] : remarks;
}

function usedMeters(quantities: Float64Array): string[] {
  return METERS.filter((_, index) => (quantities[index] as number) > 0).map((meter) => meter.name);
}
