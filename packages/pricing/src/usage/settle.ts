import { type Draft, flag, type Meter, type MeterAt, meterAt } from './draft.ts';

/**
 * How a provider counts: whether its input total contains the tokens read from and written to a cache, and whether its
 * output total contains reasoning. Where it does not, they are added, so that the canonical totals always do.
 */
export interface Convention {
  readonly cache: 'inside' | 'outside';
  readonly reasoning: 'inside' | 'outside';
}

type Meters = readonly MeterAt[];

function all(...meters: readonly Meter[]): Meters {
  return meters.map(meterAt);
}

const INPUT = meterAt('input');
const OUTPUT = meterAt('output');
const WRITES = meterAt('cacheWrite');
const TIMED_WRITES = all('cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h');
const CACHE: Meters = [meterAt('cacheRead'), ...TIMED_WRITES, WRITES];
const REASONING = all('reasoning');

/** Totals and the disjoint subsets that may not exceed them together; outer totals first. */
const SUBSETS: readonly (readonly [total: MeterAt, subsets: Meters])[] = [
  [INPUT, CACHE],
  [INPUT, all('audioInput', 'imageInput', 'videoInput')],
  [OUTPUT, REASONING],
  [OUTPUT, all('audioOutput', 'imageOutput', 'videoOutput')],
  [meterAt('cacheRead'), all('audioCacheRead', 'imageCacheRead', 'videoCacheRead')],
  [meterAt('audioInput'), all('audioCacheRead')],
  [meterAt('imageInput'), all('imageCacheRead')],
  [meterAt('videoInput'), all('videoCacheRead')],
];
const INNER_FIRST = SUBSETS.toReversed();

/** Brings a draft into the canonical form: inclusive totals, disjoint cache writes, no subset above its total. */
export function settle(draft: Draft, convention: Convention): void {
  if (!hasParts(draft)) return;
  separateWrites(draft);
  if (convention.cache === 'outside') include(draft, INPUT, CACHE);
  if (convention.reasoning === 'outside') include(draft, OUTPUT, REASONING);
  for (const [total, subsets] of INNER_FIRST) infer(draft, total, subsets);
  for (const [total, subsets] of SUBSETS) clamp(draft, total, subsets);
}

/** Whether anything but the totals is above zero. Most calls have no such part, and are canonical as they are. */
function hasParts({ amounts }: Draft): boolean {
  for (let meter = 0; meter < amounts.length; meter += 1) {
    if ((amounts[meter] as number) > 0 && meter !== INPUT && meter !== OUTPUT) return true;
  }
  return false;
}

/** Providers give all writes and, beside, those of a stated life: what remains has none stated. */
function separateWrites(draft: Draft): void {
  const writes = draft.amounts[WRITES] as number;
  if (Number.isNaN(writes)) return;
  clamp(draft, WRITES, TIMED_WRITES);
  draft.amounts[WRITES] = writes - sum(draft.amounts, TIMED_WRITES);
}

function include(draft: Draft, total: MeterAt, parts: Meters): void {
  const { amounts } = draft;
  for (const part of parts) {
    const amount = amounts[part] as number;
    if (amount >= 0) amounts[total] = bounded(draft, ((amounts[total] as number) || 0) + amount);
  }
}

/** A total that is not stated is at least its parts. */
function infer(draft: Draft, total: MeterAt, subsets: Meters): void {
  if (!Number.isNaN(draft.amounts[total])) return;
  const parts = sum(draft.amounts, subsets);
  if (parts === 0) return;
  draft.amounts[total] = bounded(draft, parts);
  flag(draft, 'usage_clamped');
}

/** Sums obey the bound that single numbers do. */
function bounded(draft: Draft, amount: number): number {
  if (amount <= Number.MAX_SAFE_INTEGER) return amount;
  flag(draft, 'usage_clamped');
  return Number.MAX_SAFE_INTEGER;
}

function clamp(draft: Draft, total: MeterAt, subsets: Meters): void {
  const { amounts } = draft;
  let room = amounts[total] as number;
  if (Number.isNaN(room)) return;
  for (const subset of subsets) {
    const amount = amounts[subset] as number;
    if (amount > room) {
      amounts[subset] = room;
      flag(draft, 'usage_clamped');
      room = 0;
    } else if (amount > 0) {
      room -= amount;
    }
  }
}

function sum(amounts: readonly number[], meters: Meters): number {
  let total = 0;
  for (const meter of meters) total += (amounts[meter] as number) || 0;
  return total;
}
