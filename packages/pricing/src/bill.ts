/** What one usage vector costs by one row: exact parts by meter. Pure but for the scratch vector that it reuses. */
import type { Row } from './book/model.ts';
import { createMeasured, type Measured, measure } from './measure.ts';
import { METER_COUNT, METER_INDEX, METERS, type Meter } from './meters.ts';
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
const NONE: readonly string[] = [];
const REQUESTS = METER_INDEX.requests;

/** Bills `usage` by `row`. Never throws for plain objects. */
export function bill(row: Row, at: number, code: number, usage: Usage): Bill {
  const measured = measure(usage, scratch);
  const { quantities, reported } = measured;
  const selection = select(row, at, code, measured.prompt);
  const remarks = measured.clamped || measured.invalid.length > 0 ? remarksOn(measured) : NONE;
  if (selection === undefined) {
    return { parts: {}, total: 0n, unpriced: usedMeters(quantities), cacheSavings: 0n, flags: remarks, reported };
  }
  const { perUnit, inferred } = selection.rates;
  // A fee per request is due for every call: an absent count is one.
  if (usage.requests === undefined && reported && !Number.isNaN(perUnit[REQUESTS])) quantities[REQUESTS] = 1;
  const parts: Record<string, bigint> = {};
  let flags = remarks.length === 0 ? selection.flags : [...remarks, ...selection.flags];
  let unpriced = NONE;
  let alternative: string | undefined;
  let priced = false;
  // The sum in doubles while it is exact, which spares a big integer per meter.
  let sum = 0;
  let total = 0n;
  for (let index = 0; index < METER_COUNT; index++) {
    const quantity = quantities[index] as number;
    if (quantity === 0) continue;
    const meter = METERS[index] as Meter;
    const rate = perUnit[index] as number;
    if (Number.isNaN(rate)) {
      if (meter.need === 'required') unpriced = [...unpriced, meter.name];
      else alternative ??= meter.name;
      continue;
    }
    priced = true;
    if ((inferred & (1 << index)) !== 0) flags = [...flags, `missing_rate:${meter.name}`];
    const product = rate * quantity;
    if (Number.isSafeInteger(product) && Number.isSafeInteger(sum + product)) {
      parts[meter.name] = BigInt(product);
      sum += product;
    } else {
      const amount = multiply(rate, quantity);
      parts[meter.name] = amount;
      total += amount;
    }
  }
  if (!priced && alternative !== undefined) unpriced = [...unpriced, alternative];
  total = total === 0n ? BigInt(sum) : total + BigInt(sum);
  return { parts, total, unpriced, cacheSavings: savings(quantities, perUnit), selection, flags, reported };
}

/** What cache reads cost less than fresh input of the same kind would have. */
function savings(quantities: Float64Array, perUnit: Float64Array): bigint {
  let saved = 0n;
  for (const [cached, fresh] of CACHED) {
    const quantity = quantities[cached] as number;
    if (quantity === 0) continue;
    const difference = (perUnit[fresh] as number) - (perUnit[cached] as number);
    if (!(difference > 0)) continue;
    const amount = multiply(difference, quantity);
    saved = saved === 0n ? amount : saved + amount;
  }
  return saved;
}

const CACHED: readonly (readonly [number, number])[] = [
  [METER_INDEX.cacheRead, METER_INDEX.input],
  [METER_INDEX.audioCacheRead, METER_INDEX.audioInput],
  [METER_INDEX.imageCacheRead, METER_INDEX.imageInput],
];

function remarksOn({ clamped, invalid }: Measured): string[] {
  const remarks = invalid.map((field) => `usage_invalid:${field}`);
  return clamped ? ['usage_clamped', ...remarks] : remarks;
}

function usedMeters(quantities: Float64Array): string[] {
  return METERS.filter((_, index) => (quantities[index] as number) > 0).map((meter) => meter.name);
}
