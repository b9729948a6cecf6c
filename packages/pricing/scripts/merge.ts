/**
 * One list of rows out of all sources. A row comes whole from one source (overlay, then genai-prices, then pi-ai): rates
 * of two sources are never mixed inside a row, except by a patch of ours that says so.
 */
import { dateless } from '../src/book/dates.ts';
import type { EncodedRates } from '../src/book/encoded.ts';
import { normalForm } from '../src/match.ts';
import { names, type Overlay, type Patch } from './overlay.ts';
import { type Claim, failOn, type SourcePeriod, type SourceRow } from './rows.ts';

export interface MergedRow extends SourceRow {
  /** Normal forms of every id that finds the row. */
  readonly keys: ReadonlySet<string>;
  /** Name of the variant group. */
  readonly group?: string;
  /** Notes of the patches that touched the row. */
  readonly patched: readonly string[];
}

const STRENGTH: Readonly<Record<Claim, number>> = { id: 3, listed: 2, derived: 1 };

export function merge(overlay: Overlay, genai: readonly SourceRow[], pi: readonly SourceRow[]): MergedRow[] {
  const problems: string[] = [];
  const unused = new Set(overlay.drops.keys());
  const kept = (row: SourceRow): boolean => {
    const id = `${row.seller}/${row.model}`;
    if (!overlay.drops.has(id)) return true;
    unused.delete(id);
    return false;
  };
  const ours = new Set(overlay.rows.map((row) => `${row.seller}/${row.model}`));
  const base = [...overlay.rows, ...genai.filter((row) => kept(row) && !ours.has(`${row.seller}/${row.model}`))];
  const patched = base.map((row) => patch(row, overlay));
  for (const id of unused) problems.push(`drop of ${id}: no source has it`);

  const owner = claims(patched, problems);
  const known = (row: SourceRow): boolean => {
    const key = keyOf(row, row.model);
    const stem = dateless(key);
    const found = owner.get(key) ?? (stem === undefined ? undefined : owner.get(stem));
    if (found === undefined && row.seller === 'bedrock') return isRegionOf(row, owner);
    return found !== undefined && (owner.has(key) || found.snapshots);
  };
  const added = new Map<string, SourceRow>();
  for (const row of pi) if (kept(row) && !known(row)) added.set(keyOf(row, row.model), patch(row, overlay));
  const rows = [...patched, ...added.values()];
  for (const row of added.values()) owner.set(keyOf(row, row.model), row);
  const keys = new Map<SourceRow, Set<string>>(rows.map((row) => [row, new Set<string>()]));
  for (const [key, row] of owner) keys.get(row)?.add(key.slice(key.indexOf('/') + 1));
  const merged = rows.map((row): MergedRow => {
    const uses = overlay.uses.filter((use) => use.seller === row.seller && names(use.models, use.except, row.model));
    if (uses.length > 1) problems.push(`${row.seller}/${row.model}: variant groups ${uses.map((use) => use.group)}`);
    const notes = overlay.patches.filter((entry) => applies(entry, row)).map((entry) => entry.source);
    return { ...row, keys: keys.get(row) ?? new Set(), group: uses[0]?.group, patched: notes };
  });
  for (const entry of [...overlay.patches, ...overlay.uses]) {
    if (!rows.some((row) => applies(entry, row))) problems.push(`${entry.seller} ${entry.models}: no such row`);
  }
  failOn(problems, 'merge');
  return merged;
}

/** A regional id at the price of the bare one is no row of its own: the matching strips the region. */
function isRegionOf(row: SourceRow, owner: ReadonlyMap<string, SourceRow>): boolean {
  const bare = /^(?:us|eu|apac|au|jp|ca|in|sa|me|af)\.(.+)$/.exec(row.model)?.[1];
  const rates = (bare === undefined ? undefined : owner.get(keyOf(row, bare)))?.periods.at(-1)?.rates;
  const own = row.periods[0]?.rates;
  return rates !== undefined && rates.input === own?.input && rates.output === own?.output;
}

type Scope = { readonly seller: string; readonly models: readonly string[]; readonly except?: readonly string[] };

function applies(scope: Scope, row: SourceRow): boolean {
  return scope.seller === row.seller && names(scope.models, scope.except, row.model);
}

function patch(row: SourceRow, overlay: Overlay): SourceRow {
  let result = row;
  for (const entry of overlay.patches.filter((candidate) => applies(candidate, row))) {
    const ids = new Map(result.ids);
    for (const id of entry.ids ?? []) ids.set(id, 'listed');
    result = {
      ...result,
      ids,
      snapshots: result.snapshots || entry.snapshots === true,
      free: result.free || entry.free,
      unpriced: result.unpriced ?? entry.unpriced,
      periods: entry.free || entry.unpriced ? [] : result.periods.map((period) => fill(period, entry)),
    };
  }
  return derive(result);
}

function fill(period: SourcePeriod, { rates: extra = {}, same = {} }: Patch): SourcePeriod {
  const alike = (rates: EncodedRates): EncodedRates => {
    const copies = Object.entries(same).flatMap(([meter, other]) => {
      const rate = rates[other];
      return rate === undefined ? [] : [[meter, rate] as const];
    });
    return { ...Object.fromEntries(copies), ...rates };
  };
  return {
    ...period,
    rates: { ...extra, ...alike(period.rates) },
    tiers: period.tiers?.map(([at, bound, rates]) => [at, bound, alike(rates)] as const),
  };
}

/** Anthropic's rule, wherever Claude is sold: a write for an hour costs twice the input. Filled only where it is missing. */
function derive(row: SourceRow): SourceRow {
  if (!/claude/.test(row.model) || row.seller === 'openrouter') return row;
  const hour = (rates: EncodedRates): EncodedRates => {
    if (rates.cacheWrite === undefined || rates.cacheWrite1h !== undefined || rates.input === undefined) return rates;
    return { ...rates, cacheWrite1h: Math.round(rates.input * 2e9) / 1e9 };
  };
  return {
    ...row,
    periods: row.periods.map((period) => ({
      ...period,
      rates: hour(period.rates),
      tiers: period.tiers?.map(([at, bound, rates]) => [at, bound, hour(rates)] as const),
    })),
  };
}

function keyOf(row: SourceRow, id: string): string {
  return `${row.seller}/${normalForm(id, row.seller)}`;
}

/** Which row each id belongs to: the strongest claim wins, and two equally strong ones are an error. */
function claims(rows: readonly SourceRow[], problems: string[]): Map<string, SourceRow> {
  const best = new Map<string, { row: SourceRow; strength: number }>();
  for (const row of rows) {
    const list: (readonly [string, Claim])[] = [[row.model, 'id'], ...row.ids];
    for (const [id, claim] of list) {
      const key = keyOf(row, id);
      // What we say ourselves beats what a package says.
      const strength = STRENGTH[claim] + (row.origin === 'overlay' ? 3 : 0);
      const current = best.get(key);
      if (current === undefined || strength > current.strength) best.set(key, { row, strength });
      else if (current.row !== row && strength === current.strength && claim !== 'derived') {
        problems.push(`${key} is claimed by ${current.row.model} and by ${row.model}`);
      }
    }
  }
  return new Map([...best].map(([key, { row }]) => [key, row]));
}
