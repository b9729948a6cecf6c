/** Which rates of a row apply to a call: its time, the facts of its context and the size of its prompt. */
import type { Period, RateSet, Rates, Row, Tier } from './book/model.ts';
import { hourOf } from './schedule.ts';
import { isSearchSizeMissing, nearerCodes, publishedCode, STANDARD } from './variant.ts';

export interface Selection {
  readonly period: Period;
  readonly set: RateSet;
  readonly rates: Rates;
  readonly tier?: Tier;
  /**
   * Why the rates are inferred: `variant_unpublished`, `search_size_unknown`, `ambiguous_boundary`,
   * `schedule_unconfirmed`.
   */
  readonly flags: readonly string[];
}

const NO_FLAGS: readonly string[] = [];

/** The period in force at `at` (Unix ms); `undefined` before the first. */
export function periodAt(row: Row, at: number): Period | undefined {
  for (const period of row.periods) if (period.from <= at) return period;
  return undefined;
}

/** Rates for a call; `undefined` when the row has none for its time. */
export function select(row: Row, at: number, code: number, prompt: number): Selection | undefined {
  const period = periodAt(row, at);
  if (period === undefined) return undefined;
  let flags = NO_FLAGS;
  let set = period.standard;
  if (period.schedule !== undefined) {
    const hour = hourOf(period.schedule, at);
    if (hour !== 'off-peak') set = period.schedule.peak;
    if (hour === 'peak-unconfirmed') flags = [...flags, 'schedule_unconfirmed'];
  }
  if (isSearchSizeMissing(code, period.variants)) flags = [...flags, 'search_size_unknown'];
  if (code !== STANDARD) {
    const known = publishedCode(code, period.variants);
    const found = known === STANDARD ? set : period.variants.get(known);
    // A combination that nobody publishes is billed by the nearest one that is, and says so.
    if (found === undefined) flags = [...flags, 'variant_unpublished'];
    set = found ?? nearest(period, known, set);
  }
  if (set.tiers.length === 0 && !set.tiersUnpublished) return { period, set, rates: set.rates, tier: undefined, flags };
  let tier = tierOf(set, prompt);
  if (set.tiersUnpublished) {
    tier = tierOf(period.standard, prompt);
    if (tier !== undefined && !flags.includes('variant_unpublished')) flags = [...flags, 'variant_unpublished'];
  }
  if (set.tiers.some((candidate) => candidate.ambiguous && candidate.at === prompt)) {
    flags = [...flags, 'ambiguous_boundary'];
  }
  return { period, set, rates: tier?.rates ?? set.rates, tier, flags };
}

function nearest(period: Period, code: number, standard: RateSet): RateSet {
  for (const candidate of nearerCodes(code)) {
    const set = period.variants.get(candidate);
    if (set !== undefined) return set;
  }
  return standard;
}

/** The tier that a prompt reaches; the whole request is billed by it. */
export function tierOf(set: RateSet, prompt: number): Tier | undefined {
  let reached: Tier | undefined;
  for (const tier of set.tiers) if (tier.inclusive ? prompt >= tier.at : prompt > tier.at) reached = tier;
  return reached;
}

/** `>272000` or `>=200000`. */
export function tierName(tier: Tier): string {
  return `${tier.inclusive ? '>=' : '>'}${tier.at}`;
}
