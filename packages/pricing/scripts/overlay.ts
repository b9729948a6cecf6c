/** `overlay/*.yaml`: our own rows and corrections. Each entry says where its figures were read, and since when they hold. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { EncodedRates, EncodedSchedule, EncodedTier, EncodedVariants } from '../src/book/encoded.ts';
import { METERS } from '../src/meters.ts';
import { failOn, type SourcePeriod, type SourceRow } from './rows.ts';

export const OVERLAY_ORIGIN = 'overlay';

/** Added to rows of other sources: ids, rates of meters that the source lacks. */
export interface Patch {
  readonly seller: string;
  /** Row ids, or `/pattern/` over them. */
  readonly models: readonly string[];
  readonly except?: readonly string[];
  readonly ids?: readonly string[];
  readonly snapshots?: boolean;
  /** Only where the row has no rate of its own. */
  readonly rates?: EncodedRates;
  /** Meters that cost what another one costs. */
  readonly same?: Readonly<Record<string, string>>;
  readonly free?: boolean;
  readonly unpriced?: string;
  readonly source: string;
}

export interface VariantUse {
  readonly seller: string;
  readonly group: string;
  readonly models: readonly string[];
  readonly except?: readonly string[];
  readonly source: string;
}

export interface Overlay {
  readonly rows: readonly SourceRow[];
  readonly patches: readonly Patch[];
  readonly groups: Readonly<Record<string, EncodedVariants>>;
  readonly uses: readonly VariantUse[];
  readonly schedules: Readonly<Record<string, EncodedSchedule>>;
  readonly calendars: Readonly<Record<string, { until: string; days: readonly string[] }>>;
  /** Rows of other sources that are wrong or whose ids are another row's: `seller/model`. */
  readonly drops: ReadonlyMap<string, string>;
  /** A change beyond the sanity gates that is meant: `seller/model` -> why. */
  readonly accepted: ReadonlyMap<string, string>;
}

interface RawRow {
  readonly seller: string;
  readonly model: string;
  readonly ids?: readonly string[];
  readonly snapshots?: boolean;
  readonly free?: boolean;
  readonly unpriced?: string;
  readonly url?: string;
  readonly source?: string;
  /** What another source says instead, and why it is wrong. */
  readonly disputes?: string;
  readonly periods?: readonly RawPeriod[];
}

interface RawPeriod {
  readonly from?: string | null;
  readonly rates: EncodedRates;
  readonly long?: {
    readonly above?: number;
    readonly from?: number;
    readonly contested?: boolean;
    readonly rates: EncodedRates;
  };
  readonly schedule?: string;
  /** Rates within the windows of the schedule, where they are no multiple. */
  readonly peak?: EncodedRates;
}

const ROW_KEYS = new Set([
  'seller',
  'model',
  'ids',
  'snapshots',
  'free',
  'unpriced',
  'url',
  'source',
  'disputes',
  'periods',
]);
const METER_NAMES = new Set<string>(METERS.map((meter) => meter.name));

export function readOverlay(directory: string): Overlay {
  const problems: string[] = [];
  const all: Record<string, unknown[]> = {};
  const tables: Record<string, Record<string, unknown>> = {};
  for (const file of readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()) {
    const content = parse(readFileSync(join(directory, file), 'utf8')) as Record<string, unknown>;
    for (const [key, value] of Object.entries(content)) {
      if (Array.isArray(value)) all[key] = [...(all[key] ?? []), ...value];
      else tables[key] = { ...tables[key], ...(value as Record<string, unknown>) };
    }
  }
  const known = new Set(['rows', 'patches', 'uses', 'drops', 'accepted', 'groups', 'schedules', 'calendars']);
  for (const key of [...Object.keys(all), ...Object.keys(tables)])
    if (!known.has(key)) problems.push(`unknown key ${key}`);
  const rows = ((all.rows ?? []) as RawRow[]).map((raw) => row(raw, problems));
  const patches = (all.patches ?? []) as Patch[];
  for (const patch of patches) {
    checkRates(patch.rates ?? {}, `patch of ${patch.seller}`, problems);
    if (!patch.source) problems.push(`patch of ${patch.seller} ${patch.models}: no source`);
  }
  const uses = (all.uses ?? []) as VariantUse[];
  for (const use of uses) if (!use.source) problems.push(`use of ${use.group} by ${use.seller}: no source`);
  failOn(problems, 'overlay');
  return {
    rows,
    patches,
    uses,
    groups: (tables.groups ?? {}) as Overlay['groups'],
    schedules: (tables.schedules ?? {}) as Overlay['schedules'],
    calendars: (tables.calendars ?? {}) as Overlay['calendars'],
    drops: reasons(all.drops),
    accepted: reasons(all.accepted),
  };
}

function reasons(list: unknown[] | undefined): ReadonlyMap<string, string> {
  return new Map(((list ?? []) as { row: string; reason: string }[]).map(({ row, reason }) => [row, reason]));
}

function row(raw: RawRow, problems: string[]): SourceRow {
  const where = `${raw.seller}/${raw.model}`;
  for (const key of Object.keys(raw)) if (!ROW_KEYS.has(key)) problems.push(`${where}: unknown key ${key}`);
  if (!raw.source) problems.push(`${where}: no source`);
  if (!raw.periods && !raw.free && !raw.unpriced) problems.push(`${where}: no periods`);
  return {
    seller: raw.seller,
    model: raw.model,
    ids: new Map((raw.ids ?? []).map((id) => [id, 'listed'])),
    snapshots: raw.snapshots === true,
    free: raw.free,
    unpriced: raw.unpriced,
    periods: (raw.periods ?? []).map((entry) => period(entry, where, problems)),
    origin: OVERLAY_ORIGIN,
    url: raw.url,
    source: raw.source ?? '',
    disputes: raw.disputes,
  };
}

function period(raw: RawPeriod, where: string, problems: string[]): SourcePeriod {
  if (!('from' in raw)) problems.push(`${where}: a period without "from" (null where it always held)`);
  if (raw.from && Number.isNaN(Date.parse(raw.from))) problems.push(`${where}: from ${raw.from} is no date`);
  checkRates(raw.rates, where, problems);
  const { long } = raw;
  let tiers: EncodedTier[] | undefined;
  if (long !== undefined) {
    checkRates(long.rates, where, problems);
    const at = long.above ?? long.from;
    if (at === undefined) problems.push(`${where}: long without a bound`);
    else tiers = [[at, long.from !== undefined ? 1 : long.contested ? 2 : 0, long.rates]];
  }
  return { from: raw.from ?? undefined, rates: raw.rates, tiers, schedule: raw.schedule, peak: raw.peak };
}

function checkRates(rates: EncodedRates, where: string, problems: string[]): void {
  for (const [meter, rate] of Object.entries(rates)) {
    if (!METER_NAMES.has(meter)) problems.push(`${where}: unknown meter ${meter}`);
    if (typeof rate !== 'number' || !(rate >= 0)) problems.push(`${where}: ${meter} ${rate} is no rate`);
  }
}

/** Does a list of row ids and `/patterns/` name a row? */
export function names(models: readonly string[], except: readonly string[] | undefined, model: string): boolean {
  const hit = (entry: string): boolean => {
    return entry.startsWith('/') ? new RegExp(entry.slice(1, -1)).test(model) : entry === model;
  };
  return models.some(hit) && !(except?.some(hit) ?? false);
}
