import type { AdditionalUsage, PriceContext, ReportedCost, Usage, UsageReport } from '../types.ts';
import { quantity } from './read.ts';

/** A name of a quantity in {@link Usage}. */
export type Meter = keyof Usage;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A report in the making: one per body, written by the readers, closed by {@link close}. */
export interface Draft {
  readonly usage: Writable<Usage>;
  readonly context: Writable<PriceContext>;
  flags: string[] | undefined;
  additional: AdditionalUsage[] | undefined;
  reportedCost: ReportedCost | undefined;
}

const NO_FLAGS: readonly string[] = Object.freeze([]);

export function openDraft(): Draft {
  return { usage: {}, context: {}, flags: undefined, additional: undefined, reportedCost: undefined };
}

/** Adds a remark once. */
export function flag(draft: Draft, remark: string): void {
  if (draft.flags === undefined) draft.flags = [remark];
  else if (!draft.flags.includes(remark)) draft.flags.push(remark);
}

/** Remarks that a field of the body held no usable quantity. `field` is the provider's name for it. */
export function flagInvalid(draft: Draft, field: string): void {
  flag(draft, `usage_invalid:${field}`);
}

/** Adds a quantity to a meter. What is no quantity, or would make none, is dropped and flagged. */
export function add(draft: Draft, meter: Meter, value: unknown, field: string): void {
  const amount = quantity(value);
  const sum = amount === undefined ? undefined : quantity((draft.usage[meter] ?? 0) + amount);
  if (sum === undefined) flagInvalid(draft, field);
  else draft.usage[meter] = sum;
}

/** Takes an amount of USD that the provider stated. Only the readers of providers that bill what they state call this. */
export function report(draft: Draft, value: unknown, field: string, unitsPerUsd = 1): void {
  if (value === undefined || value === null) return;
  const amount = quantity(value);
  if (amount === undefined) flagInvalid(draft, field);
  else draft.reportedCost = { usd: amount / unitsPerUsd, field };
}

/**
 * Adds usage that is billed beside the call's own: another model's, or what the totals leave out. One that is all
 * zeros is left out; remarks on it are kept.
 */
export function addBeside(draft: Draft, model: string | undefined, other: UsageReport | undefined): void {
  if (other === undefined) return;
  for (const remark of other.flags) flag(draft, remark);
  if (!Object.values(other.usage).some((amount) => amount > 0)) return;
  const entry: AdditionalUsage = model === undefined ? { usage: other.usage } : { model, usage: other.usage };
  if (draft.additional === undefined) draft.additional = [entry];
  else draft.additional.push(entry);
}

/** The finished report; `undefined` when the body said nothing about consumption. */
export function close(draft: Draft): UsageReport | undefined {
  const { usage, context, flags, additional, reportedCost } = draft;
  let silent = flags === undefined && reportedCost === undefined && additional === undefined;
  for (const _ in usage) {
    silent = false;
    break;
  }
  if (silent) return undefined;
  const result: Writable<UsageReport> = { usage, context, flags: flags ?? NO_FLAGS };
  if (reportedCost !== undefined) result.reportedCost = reportedCost;
  if (additional !== undefined) result.additional = additional;
  return result;
}
