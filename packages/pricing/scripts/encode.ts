/** Merged rows -> the module that is checked in. */
import { createHash } from 'node:crypto';
import type { EncodedBook, EncodedPeriod, EncodedRates, EncodedRow, EncodedRowOptions } from '../src/book/encoded.ts';
import { METERS } from '../src/meters.ts';
import type { MergedRow } from './merge.ts';
import type { Overlay } from './overlay.ts';
import type { SourcePeriod } from './rows.ts';

export function encode(rows: readonly MergedRow[], overlay: Overlay, date: string): EncodedBook {
  const urls = new Pool<string>();
  const reasons = new Pool<string>();
  const periods = new Pool<EncodedPeriod>();
  const origins = new Pool<string>();
  // The commonest origin has index 0, which rows need not name.
  for (const origin of byCount(rows.map((row) => row.origin))) origins.index(origin);
  const sellers: Record<string, { url?: number; rows: EncodedRow[] }> = {};
  for (const seller of [...new Set(rows.map((row) => row.seller))].sort()) {
    const own = rows.filter((row) => row.seller === seller).sort((a, b) => (a.model < b.model ? -1 : 1));
    const [common] = byCount(own.flatMap((row) => (row.url === undefined ? [] : [row.url])));
    const entry: { url?: number; rows: EncodedRow[] } = { rows: [] };
    if (common !== undefined) entry.url = urls.index(common);
    entry.rows = own.map((row) => encodeRow(row, entry.url, { urls, reasons, periods, origins }));
    sellers[seller] = entry;
  }
  const used = new Set(rows.map((row) => row.group));
  const body = {
    schema: 1 as const,
    date,
    origins: origins.values,
    urls: urls.values,
    reasons: reasons.values,
    calendars: overlay.calendars,
    schedules: overlay.schedules,
    variants: Object.fromEntries(Object.entries(overlay.groups).filter(([name]) => used.has(name))),
    periods: periods.values,
    sellers,
  };
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 8);
  return { ...body, version: `${date}.${hash}` };
}

interface Pools {
  readonly urls: Pool<string>;
  readonly reasons: Pool<string>;
  readonly periods: Pool<EncodedPeriod>;
  readonly origins: Pool<string>;
}

function encodeRow(row: MergedRow, sellerUrl: number | undefined, pools: Pools): EncodedRow {
  const options: { -readonly [key in keyof EncodedRowOptions]: EncodedRowOptions[key] } = {};
  const aliases = [...row.keys].filter((key) => key !== row.model.toLowerCase()).sort();
  if (aliases.length > 0) options.a = aliases;
  if (row.snapshots) options.d = 1;
  if (row.free) options.free = 1;
  if (row.unpriced !== undefined) options.u = pools.reasons.index(row.unpriced);
  if (row.estimated) options.e = 1;
  const url = row.url === undefined ? undefined : pools.urls.index(row.url);
  if (url !== undefined && url !== sellerUrl) options.w = url;
  const origin = pools.origins.index(row.origin);
  if (origin > 0) options.o = origin;
  const periods = row.periods.map((period) => {
    const index = pools.periods.index(encodePeriod(period, row.group));
    return period.from === undefined ? index : ([shortDate(period.from), index] as const);
  });
  return Object.keys(options).length > 0 ? [row.model, periods, options] : [row.model, periods];
}

function encodePeriod(period: SourcePeriod, group: string | undefined): EncodedPeriod {
  return {
    r: ordered(period.rates),
    ...(period.tiers === undefined
      ? {}
      : { l: period.tiers.map(([at, bound, rates]) => [at, bound, ordered(rates)] as const) }),
    ...(group === undefined ? {} : { v: group }),
    ...(period.schedule === undefined ? {} : { s: period.schedule }),
    ...(period.peak === undefined ? {} : { p: ordered(period.peak) }),
  };
}

/** In the order of the meter table, so that equal rates are equal text. */
function ordered(rates: EncodedRates): EncodedRates {
  const entries = METERS.filter(({ name }) => rates[name] !== undefined).map(
    ({ name }) => [name, rates[name]] as const,
  );
  return Object.fromEntries(entries) as EncodedRates;
}

function shortDate(iso: string): string {
  return iso.replace('T00:00:00Z', '');
}

/** Distinct values in order of first use. */
class Pool<T> {
  readonly values: T[] = [];
  readonly #indexes = new Map<string, number>();

  index(value: T): number {
    const key = JSON.stringify(value);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.values.push(value) - 1;
      this.#indexes.set(key, index);
    }
    return index;
  }
}

function byCount(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value);
}
