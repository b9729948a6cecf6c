/**
 * Encoded book -> `PriceBook`. The JSON is parsed at the first look at any row, and a seller's rows are compiled at the
 * first look at that seller, so that importing the package costs nothing.
 */
import { METER_COUNT, METER_INDEX, METERS, type MeterName, UNITS_PER } from '../meters.ts';
import { variantCode } from '../variant.ts';
import { dateless } from './dates.ts';
import type {
  EncodedBook,
  EncodedPeriod,
  EncodedRates,
  EncodedRow,
  EncodedSchedule,
  EncodedTier,
  EncodedVariant,
} from './encoded.ts';
import type { Period, PriceBook, RateSet, Rates, Row, Schedule, SellerBook, Tier } from './model.ts';

const PICO_PER_USD = 1e12;

/** The book in `encoded`, a function so that parsing waits until a price is needed. */
export function decodeBook(header: { version: string; date: string }, encoded: () => EncodedBook): PriceBook {
  let parsed: EncodedBook | undefined;
  const book = (): EncodedBook => {
    parsed ??= encoded();
    return parsed;
  };
  const compiled = new Map<string, SellerBook | undefined>();
  return {
    version: header.version,
    date: header.date,
    get sellers(): readonly string[] {
      return Object.keys(book().sellers);
    },
    seller(id: string): SellerBook | undefined {
      if (!compiled.has(id))
        compiled.set(id, Object.hasOwn(book().sellers, id) ? compileSeller(id, book()) : undefined);
      return compiled.get(id);
    },
  };
}

function compileSeller(id: string, book: EncodedBook): SellerBook {
  const { url, rows: encodedRows } = book.sellers[id] as { url?: number; rows: readonly EncodedRow[] };
  const periods = new Map<number, Omit<Period, 'from' | 'effectiveFrom'>>();
  const period = (index: number): Omit<Period, 'from' | 'effectiveFrom'> => {
    let found = periods.get(index);
    if (found === undefined) {
      found = compilePeriod(book.periods[index] as EncodedPeriod, book);
      periods.set(index, found);
    }
    return found;
  };
  const rows: Row[] = [];
  const index = new Map<string, Row>();
  const snapshots = new Set<string>();
  for (const [model, encodedPeriods, options = {}] of encodedRows) {
    const urlIndex = options.w ?? url;
    const row: Row = {
      id: `${id}/${model}`,
      model,
      seller: id,
      free: options.free === 1,
      unpriced: options.u === undefined ? undefined : book.reasons[options.u],
      estimated: options.e === 1,
      periods: encodedPeriods.map((entry) => dated(entry, period)).reverse(),
      url: urlIndex === undefined ? undefined : book.urls[urlIndex],
      origin: book.origins[options.o ?? 0] ?? 'unknown',
    };
    rows.push(row);
    for (const name of [model, ...(options.a ?? [])]) {
      const key = name.toLowerCase();
      index.set(key, row);
      if (options.d === 1) snapshots.add(dateless(key) ?? key);
    }
  }
  return { rows, index, snapshots };
}

function dated(
  entry: number | readonly [string, number],
  period: (index: number) => Omit<Period, 'from' | 'effectiveFrom'>,
): Period {
  if (typeof entry === 'number') return { ...period(entry), from: Number.NEGATIVE_INFINITY };
  const [iso, index] = entry;
  const from = Date.parse(iso);
  return { ...period(index), from, effectiveFrom: new Date(from).toISOString() };
}

function compilePeriod(encoded: EncodedPeriod, book: EncodedBook): Omit<Period, 'from' | 'effectiveFrom'> {
  const standard = rateSet('', encoded.r, encoded.l ?? [], false);
  const variants = new Map<number, RateSet>();
  const group = encoded.v === undefined ? {} : (book.variants[encoded.v] ?? {});
  for (const [name, variant] of Object.entries(group)) {
    const code = variantCode(name);
    if (code !== undefined) variants.set(code, compileVariant(name, variant, encoded));
  }
  const schedule = encoded.s === undefined ? undefined : book.schedules[encoded.s];
  return {
    standard,
    variants,
    schedule: schedule && compileSchedule(schedule, encoded, book),
  };
}

function compileVariant(name: string, variant: EncodedVariant, of: EncodedPeriod): RateSet {
  const tiers = of.l ?? [];
  const { f: factor, x: except, r: outright, l: own = [] } = variant;
  if (factor === undefined) {
    return rateSet(name, { ...countedOnly(of.r), ...outright }, own, tiers.length > 0 && own.length === 0);
  }
  const scaleBy = (rates: EncodedRates): EncodedRates => ({ ...scale(rates, factor, except), ...outright });
  if (variant.n === 1) return rateSet(name, scaleBy(of.r), [], tiers.length > 0);
  const scaled = tiers.map(([at, bound, rates]): EncodedTier => [at, bound, scaleBy(rates)]);
  return rateSet(name, scaleBy(of.r), scaled, false);
}

function compileSchedule(encoded: EncodedSchedule, period: EncodedPeriod, book: EncodedBook): Schedule {
  const calendar = encoded.calendar === undefined ? undefined : book.calendars[encoded.calendar];
  return {
    offsetHours: encoded.offset,
    windows: encoded.windows.map(([from, to]) => [minutes(from), minutes(to)] as const),
    days: new Set(encoded.days),
    holidays: new Set(calendar?.days),
    holidaysUntil: calendar?.until ?? '9999-12-31',
    peak: rateSet('peak', period.p ?? scale(period.r, encoded.factor ?? 1), [], false),
  };
}

function minutes(clock: string): number {
  const [hours = 0, rest = 0] = clock.split(':').map(Number);
  return hours * 60 + rest;
}

function rateSet(name: string, rates: EncodedRates, tiers: readonly EncodedTier[], tiersUnpublished: boolean): RateSet {
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

function countedOnly(rates: EncodedRates): EncodedRates {
  return Object.fromEntries(Object.entries(rates).filter(([name]) => !isTokens(name)));
}

function scale(rates: EncodedRates, factor: number, except: readonly string[] = []): EncodedRates {
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
