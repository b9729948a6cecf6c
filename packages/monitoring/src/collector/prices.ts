/**
 * The price book as a table that the collector can look up.
 *
 * Nothing is priced by a second set of rules: each rate is what the engine itself charges (`probe.ts`). What a row does not
 * have costs nothing extra to look up.
 */
import { createPricer, type Pricer, type PriceSettings, type Row, SELLERS, type Seller } from '@tokenmeter/pricing';
import { Probe } from './probe.ts';
import type { PriceRow } from './rows.ts';

export interface PriceTable {
  readonly version: string;
  /** Seller by name of a provider, lower case, and by host. */
  readonly names: ReadonlyMap<string, string>;
  readonly hosts: ReadonlyMap<string, string>;
  /** `gen_ai.provider.name` by seller. */
  readonly providers: ReadonlyMap<string, string>;
  /** Rows by seller and id. */
  readonly sellers: ReadonlyMap<string, ReadonlyMap<string, PriceRow>>;
}

/** How far back a span may have begun. */
const HORIZON_MS = 35 * 86_400_000;

export function priceTable(settings: PriceSettings): PriceTable {
  const pricer = createPricer(settings);
  const sellers = new Map<string, ReadonlyMap<string, PriceRow>>();
  for (const seller of SELLERS) {
    if (sellers.has(seller.id)) continue;
    const rows = rowsOf(seller, pricer, settings);
    if (rows.size > 0) sellers.set(seller.id, rows);
  }
  return {
    version: pricer.version,
    names: firstWins(
      SELLERS.flatMap(({ id, provider, names = [] }) => [id, provider, ...names].map((name) => [name, id])),
    ),
    hosts: firstWins(
      SELLERS.flatMap(({ id, hosts }) => hosts.filter((host) => !host.includes('*')).map((host) => [host, id])),
    ),
    providers: firstWins(SELLERS.map(({ id, provider }) => [id, provider])),
    sellers,
  };
}

/** The different clocks of a table, as texts: a row names its clock by the place in this list. */
export function clocksOf({ sellers }: PriceTable): readonly string[] {
  const all = (row: PriceRow): readonly string[] => [
    ...(row.peak === undefined ? [] : [JSON.stringify(row.peak.clock)]),
    ...(row.next === undefined ? [] : all(row.next.row)),
  ];
  return [...new Set([...sellers.values()].flatMap((rows) => [...rows.values()].flatMap(all)))];
}

function firstWins(entries: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  return new Map(entries.map(([key, value]) => [key as string, value as string] as const).reverse());
}

function rowsOf(seller: Seller, pricer: Pricer, settings: PriceSettings): Map<string, PriceRow> {
  const { book } = pricer;
  const rows = new Map<string, PriceRow>();
  for (const id of [seller.id, ...(seller.shares ?? []), ...(seller.fallback ?? [])]) {
    const known = book.seller(id);
    for (const [model, row] of known?.index ?? []) {
      if (rows.has(model)) continue;
      const priced = new Probe(pricer, seller, model).dated(timesOf(row, pricer, settings));
      if (priced) rows.set(model, { ...priced, snapshots: known?.snapshots.has(model) });
    }
  }
  for (const model of ownNames(seller, settings)) {
    const priced = new Probe(pricer, seller, model).dated(timesOf(undefined, pricer, settings));
    if (priced) rows.set(model, { ...priced, snapshots: rows.get(model)?.snapshots });
  }
  return rows;
}

/** Ids that only the settings know: aliases and models with a price of one's own. */
function ownNames(seller: Seller, { aliases = {}, overrides = [] }: PriceSettings): readonly string[] {
  const names = Object.keys(aliases).flatMap((alias) => {
    const slash = alias.indexOf('/');
    const of =
      slash > 0
        ? SELLERS.find(({ provider, names = [] }) => [provider, ...names].includes(alias.slice(0, slash)))
        : undefined;
    if (of === undefined) return [alias];
    return of.id === seller.id ? [alias.slice(slash + 1)] : [];
  });
  const own = overrides.filter(
    ({ provider }) =>
      provider === undefined || [seller.id, seller.provider, ...(seller.names ?? [])].includes(provider),
  );
  return [...names, ...own.map(({ model }) => model)].map((name) => name.trim().toLowerCase());
}

/** The moments at which the price of a row changes, ascending, beginning with one that is past. */
function timesOf(row: Row | undefined, pricer: Pricer, settings: PriceSettings): readonly number[] {
  const now = Date.parse(pricer.bookDate);
  const discounts = Array.isArray(settings.discounts) ? settings.discounts : [];
  const own = [...(settings.overrides ?? []), ...discounts].flatMap(({ from, until }) => [from, until]);
  const times = [
    ...(row?.periods.map(({ from }) => from) ?? []),
    ...own.flatMap((time) => (time ? [Date.parse(time)] : [])),
  ];
  return [now - HORIZON_MS, ...new Set(times.filter((time) => time > now - HORIZON_MS).sort((a, b) => a - b))];
}
