/** What one usage vector costs by one row: exact parts by meter. Pure but for the scratch vector that it reuses. */
import type { Row } from './book/model.ts';
import { createMeasured, METER_COUNT, METER_INDEX, METERS, type Meter, measure } from './meters.ts';
import { multiply } from './money.ts';
import { type Selection, select } from './select.ts';
import type { Usage } from './types.ts';

export interface Bill {
  /** Exact amounts of the meters with a quantity; they add up to `total`. */
  readonly parts: Record<string, bigint>;
  readonly total: bigint;
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

/** Bills `usage` by `row`. Never throws. */
export function bill(row: Row, at: number, code: number, usage: Usage): Bill {
  const { quantities, prompt, clamped, invalid, reported } = measure(usage, scratch);
  const flags: string[] = [];
  if (clamped) flags.push('usage_clamped');
  for (const field of invalid) flags.push(`usage_invalid:${field}`);
  const parts: Record<string, bigint> = {};
  const selection = select(row, at, code, prompt);
  if (selection === undefined) {
    return { parts, total: 0n, unpriced: usedMeters(quantities), cacheSavings: 0n, flags, reported };
  }
  flags.push(...selection.flags);
  const { perUnit, inferred } = selection.rates;
  // A fee per request is due for every call: an absent count is one.
  if (usage.requests === undefined && reported && !Number.isNaN(perUnit[REQUESTS])) quantities[REQUESTS] = 1;
  const unpriced: string[] = [];
  let alternative: string | undefined;
  let total = 0n;
  let priced = false;
  for (let index = 0; index < METER_COUNT; index++) {
    const quantity = quantities[index] as number;
    if (quantity === 0) continue;
    const meter = METERS[index] as Meter;
    const rate = perUnit[index] as number;
    if (Number.isNaN(rate)) {
      if (meter.need === 'required') unpriced.push(meter.name);
      else alternative ??= meter.name;
      continue;
    }
    priced = true;
    if ((inferred & (1 << index)) !== 0) flags.push(`missing_rate:${meter.name}`);
    const amount = multiply(rate, quantity);
    parts[meter.name] = amount;
    total += amount;
  }
  if (!priced && alternative !== undefined) unpriced.push(alternative);
  return { parts, total, unpriced, cacheSavings: savings(quantities, perUnit), selection, flags, reported };
}

/** What cache reads cost less than fresh input of the same kind would have. */
function savings(quantities: Float64Array, perUnit: Float64Array): bigint {
  let saved = 0n;
  for (const [cached, fresh] of CACHED) {
    const difference = (perUnit[fresh] as number) - (perUnit[cached] as number);
    const quantity = quantities[cached] as number;
    if (quantity > 0 && difference > 0) saved += multiply(difference, quantity);
  }
  return saved;
}

const REQUESTS = METER_INDEX.requests;

const CACHED: readonly (readonly [number, number])[] = [
  [METER_INDEX.cacheRead, METER_INDEX.input],
  [METER_INDEX.audioCacheRead, METER_INDEX.audioInput],
  [METER_INDEX.imageCacheRead, METER_INDEX.imageInput],
];

function usedMeters(quantities: Float64Array): string[] {
  return METERS.filter((_, index) => (quantities[index] as number) > 0).map((meter) => meter.name);
}
