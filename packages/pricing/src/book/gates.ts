/** What must hold for rates to be taken for prices: shared by the generator and by whoever takes over a book. */

import { METER_INDEX, METERS } from '../meters.ts';
import type { PriceBook, Row } from './model.ts';

/** No meter costs more than this per quoted unit: above it the unit is wrong. */
export const MAX_USD = 2000;

/** A price moves by more than this rarely, a mistaken unit always does. */
export const MAX_CHANGE = 3;

/** A book that lost more of its rows than this share is a broken one. */
const MAX_LOSS = 0.5;

/** Rates by meter name, USD per quoted unit. */
export type QuotedRates = Readonly<Record<string, number>>;

/** What is implausible about rates of a model, one sentence each. */
export function implausible(model: string, seller: string, rates: QuotedRates): string[] {
  const problems: string[] = [];
  for (const [meter, rate] of Object.entries(rates)) {
    if (!(rate >= 0 && rate <= MAX_USD)) problems.push(`${meter} ${rate} is outside of [0, ${MAX_USD}]`);
  }
  const { input, output, cacheRead, cacheWrite, cacheWrite1h } = rates;
  if (input === undefined) return problems;
  if (output !== undefined && output > 0 && output < input) problems.push(`output ${output} is below input ${input}`);
  if (cacheRead !== undefined && cacheRead > input) problems.push(`cacheRead ${cacheRead} is above input ${input}`);
  if (model.includes('claude') && seller !== 'openrouter') {
    if (cacheWrite !== undefined && !near(cacheWrite, input * 1.25))
      problems.push(`cacheWrite ${cacheWrite} is not 1.25 x ${input}`);
    if (cacheWrite1h !== undefined && !near(cacheWrite1h, input * 2))
      problems.push(`cacheWrite1h ${cacheWrite1h} is not 2 x ${input}`);
  }
  return problems;
}

/** True when a price went up or down by more than {@link MAX_CHANGE}. */
export function isLeap(from: number | undefined, to: number | undefined): boolean {
  return !!from && !!to && Math.max(from / to, to / from) > MAX_CHANGE;
}

/**
 * What is suspicious about a book that shall follow another: it lost its rows, rates became implausible that were not, or
 * a price leapt. Whoever takes over a book without a look at it should not take over this one.
 */
export function suspicious(next: PriceBook, current: PriceBook): string[] {
  const before = new Map(rowsOf(current).map((row) => [row.id, row]));
  const after = rowsOf(next);
  const problems: string[] = [];
  if (after.length < before.size * (1 - MAX_LOSS)) {
    problems.push(`it has ${after.length} rows, the book in use has ${before.size}`);
  }
  for (const row of after) {
    const old = before.get(row.id);
    const [rates, oldRates] = [lastRates(row), old && lastRates(old)];
    const known = old === undefined ? [] : implausible(row.model, row.seller, oldRates ?? {});
    if (known.length === 0) {
      problems.push(...implausible(row.model, row.seller, rates).map((problem) => `${row.id}: ${problem}`));
    }
    for (const meter of ['input', 'output'] as const) {
      if (!isLeap(oldRates?.[meter], rates[meter])) continue;
      problems.push(`${row.id}: ${meter} went from ${oldRates?.[meter]} to ${rates[meter]}`);
    }
  }
  return problems;
}

/** Standard rates of the row's newest period, USD per quoted unit; those for tokens only. */
function lastRates(row: Row): QuotedRates {
  const own = row.periods[0]?.standard.rates.own;
  if (own === undefined) return {};
  return Object.fromEntries(
    METERS.flatMap(({ name, unit }) => {
      const rate = own[METER_INDEX[name]] as number;
      return unit === 'million tokens' && !Number.isNaN(rate) ? [[name, rate / 1e6]] : [];
    }),
  );
}

function rowsOf(book: PriceBook): readonly Row[] {
  return book.sellers.flatMap((seller) => book.seller(seller)?.rows ?? []);
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 + b * 1e-6;
}
