/** The prices of a row as people quote them, one per line: for lists and for what changed between two books. */
import { METERS, type MeterName, type RateUnit, UNITS_PER } from '../meters.ts';
import { tierName } from '../select.ts';
import type { PriceBook, RateSet, Rates, Row } from './model.ts';

export interface Quote {
  /** ISO 8601; absent: always. */
  readonly from?: string;
  /** `batch`, `priority`, `peak` …; absent: the standard price. */
  readonly variant?: string;
  /** Long-context tier, e.g. `>272000`. */
  readonly tier?: string;
  readonly meter: MeterName;
  /** USD per {@link Quote.unit}. */
  readonly usd: number;
  readonly unit: RateUnit;
}

/** Every price that the seller publishes for the row; a rate that another meter stands in for is none of them. */
export function quotesOf(row: Row): Quote[] {
  return row.periods.toReversed().flatMap(({ effectiveFrom: from, standard, variants, schedule }) => {
    const sets = [standard, ...(schedule === undefined ? [] : [schedule.peak]), ...variants.values()];
    return sets.flatMap((set) => ofSet(set).map((quote) => (from === undefined ? quote : { from, ...quote })));
  });
}

function ofSet({ name, rates, tiers }: RateSet): Quote[] {
  const variant = name === '' ? {} : { variant: name };
  return [
    ...ofRates(rates, variant),
    ...tiers.flatMap((tier) => ofRates(tier.rates, { ...variant, tier: tierName(tier) })),
  ];
}

function ofRates({ own }: Rates, where: Pick<Quote, 'variant' | 'tier'>): Quote[] {
  return METERS.flatMap(({ name, unit }, index) => {
    const rate = own[index] as number;
    return Number.isNaN(rate) ? [] : [{ ...where, meter: name, usd: (rate * UNITS_PER[unit]) / 1e12, unit }];
  });
}

/** One difference between two books. */
export interface PriceChange {
  readonly kind: 'added' | 'removed' | 'changed';
  /** `seller/model`. */
  readonly row: string;
  /** Absent where the whole row came or went. */
  readonly quote?: Omit<Quote, 'usd'>;
  /** USD per unit; absent where there was no such price. */
  readonly before?: number;
  readonly after?: number;
}

/** What changes for a user when `after` takes the place of `before`, by row. */
export function diffBooks(before: PriceBook, after: PriceBook): PriceChange[] {
  const old = rowsById(before);
  const now = rowsById(after);
  const ids = [...new Set([...old.keys(), ...now.keys()])].sort();
  return ids.flatMap((id): PriceChange[] => {
    const [was, is] = [old.get(id), now.get(id)];
    if (was === undefined) return [{ kind: 'added', row: id }];
    if (is === undefined) return [{ kind: 'removed', row: id }];
    return diffRows(id, was, is);
  });
}

function diffRows(id: string, was: Row, is: Row): PriceChange[] {
  const old = byPlace(was);
  const now = byPlace(is);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((place): PriceChange[] => {
    const [before, after] = [old.get(place), now.get(place)];
    if (before?.usd === after?.usd) return [];
    const { usd: _, ...quote } = (after ?? before) as Quote;
    const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
    return [{ kind, row: id, quote, before: before?.usd, after: after?.usd }];
  });
}

function byPlace(row: Row): Map<string, Quote> {
  return new Map(
    quotesOf(row).map((quote) => {
      const { from = '', variant = '', tier = '', meter } = quote;
      return [[from, variant, tier, meter].join(' '), quote];
    }),
  );
}

function rowsById(book: PriceBook): Map<string, Row> {
  return new Map(book.sellers.flatMap((seller) => (book.seller(seller)?.rows ?? []).map((row) => [row.id, row])));
}
