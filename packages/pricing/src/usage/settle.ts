import { type Draft, flag, type Meter } from './draft.ts';

/**
 * How a provider counts: whether its input total contains the tokens read from and written to a cache, and whether its
 * output total contains reasoning. Where it does not, they are added, so that the canonical totals always do.
 */
export interface Convention {
  readonly cache: 'inside' | 'outside';
  readonly reasoning: 'inside' | 'outside';
}

const TIMED_WRITES: readonly Meter[] = ['cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h'];
const CACHE: readonly Meter[] = ['cacheRead', ...TIMED_WRITES, 'cacheWrite'];

/** Totals and the disjoint subsets that may not exceed them together; outer totals first. */
const SUBSETS: readonly (readonly [total: Meter, subsets: readonly Meter[]])[] = [
  ['input', CACHE],
  ['input', ['audioInput', 'imageInput', 'videoInput']],
  ['output', ['reasoning']],
  ['output', ['audioOutput', 'imageOutput', 'videoOutput']],
  ['cacheRead', ['audioCacheRead', 'imageCacheRead', 'videoCacheRead']],
  ['audioInput', ['audioCacheRead']],
  ['imageInput', ['imageCacheRead']],
  ['videoInput', ['videoCacheRead']],
];

/** Brings a draft into the canonical form: inclusive totals, disjoint cache writes, no subset above its total. */
export function settle(draft: Draft, convention: Convention): void {
  separateWrites(draft);
  if (convention.cache === 'outside') include(draft, 'input', CACHE);
  if (convention.reasoning === 'outside') include(draft, 'output', ['reasoning']);
  for (let index = SUBSETS.length - 1; index >= 0; index -= 1) {
    const [total, subsets] = SUBSETS[index] as (typeof SUBSETS)[number];
    if (draft.usage[total] === undefined) infer(draft, total, subsets);
  }
  for (const [total, subsets] of SUBSETS) clamp(draft, total, subsets);
}

/** Providers give all writes and, beside, those of a stated life: what remains has none stated. */
function separateWrites(draft: Draft): void {
  const { usage } = draft;
  const all = usage.cacheWrite;
  if (all === undefined || !TIMED_WRITES.some((meter) => usage[meter] !== undefined)) return;
  clamp(draft, 'cacheWrite', TIMED_WRITES);
  usage.cacheWrite = all - sum(draft, TIMED_WRITES);
}

function include(draft: Draft, total: Meter, parts: readonly Meter[]): void {
  const { usage } = draft;
  for (const part of parts) {
    const amount = usage[part];
    if (amount !== undefined) usage[total] = (usage[total] ?? 0) + amount;
  }
}

/** A total that is not stated is at least its parts. */
function infer(draft: Draft, total: Meter, subsets: readonly Meter[]): void {
  const parts = sum(draft, subsets);
  if (parts === 0) return;
  draft.usage[total] = parts;
  flag(draft, 'usage_clamped');
}

function clamp(draft: Draft, total: Meter, subsets: readonly Meter[]): void {
  const { usage } = draft;
  let room = usage[total];
  if (room === undefined) return;
  for (const subset of subsets) {
    const amount = usage[subset];
    if (amount === undefined) continue;
    if (amount > room) {
      usage[subset] = room;
      flag(draft, 'usage_clamped');
    }
    room -= usage[subset] ?? 0;
  }
}

function sum(draft: Draft, meters: readonly Meter[]): number {
  let total = 0;
  for (const meter of meters) total += draft.usage[meter] ?? 0;
  return total;
}
