import type { AdditionalUsage, PriceContext, ReportedCost, Usage, UsageReport } from '../types.ts';
import { quantity } from './read.ts';

/** A name of a quantity in {@link Usage}. */
export type Meter = keyof Usage;

/** Every meter, in the order in which a report lists them. */
const ALL: Readonly<Record<Meter, true>> = {
  input: true,
  output: true,
  cacheRead: true,
  cacheWrite: true,
  cacheWrite5m: true,
  cacheWrite30m: true,
  cacheWrite1h: true,
  cacheWrite12h: true,
  reasoning: true,
  audioInput: true,
  imageInput: true,
  videoInput: true,
  audioOutput: true,
  imageOutput: true,
  videoOutput: true,
  audioCacheRead: true,
  imageCacheRead: true,
  videoCacheRead: true,
  citation: true,
  requests: true,
  webSearches: true,
  webFetches: true,
  fileSearches: true,
  codeExecutions: true,
  images: true,
  pages: true,
  searchUnits: true,
  inputCharacters: true,
  outputCharacters: true,
  inputAudioSeconds: true,
  outputAudioSeconds: true,
  videoSeconds: true,
};

const METERS = Object.keys(ALL) as readonly Meter[];

/** The place of a meter in {@link Draft.amounts}. Tables are turned into places once, when they are written down. */
export type MeterAt = number & { readonly meter: unique symbol };

/** The place of a meter. */
export function meterAt(meter: Meter): MeterAt {
  return METERS.indexOf(meter) as MeterAt;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A report in the making: one per body, written by the readers, finished by {@link close}. */
export interface Draft {
  /** By {@link meterAt}; not a number: not reported. An array, for the canonical form needs many look-ups. */
  readonly amounts: number[];
  readonly context: Writable<PriceContext>;
  flags: string[] | undefined;
  additional: AdditionalUsage[] | undefined;
  reportedCost: ReportedCost | undefined;
}

const NOTHING: readonly number[] = METERS.map(() => Number.NaN);
const NO_FLAGS: readonly string[] = Object.freeze([]);

export function openDraft(): Draft {
  return { amounts: NOTHING.slice(), context: {}, flags: undefined, additional: undefined, reportedCost: undefined };
}

/** What a meter stands at. */
export function amountOf(draft: Draft, meter: MeterAt): number | undefined {
  const amount = draft.amounts[meter];
  return Number.isNaN(amount) ? undefined : amount;
}

/** Adds a remark once. */
export function flag(draft: Draft, remark: string): void {
  if (draft.flags === undefined) draft.flags = [remark];
  else if (!draft.flags.includes(remark)) draft.flags.push(remark);
}

/** Adds a quantity to a meter. What is none, or would make none, is dropped and flagged by the provider's name for it. */
export function add(draft: Draft, meter: MeterAt, value: unknown, field: string): void {
  const amount = quantity(value);
  const sum = amount === undefined ? undefined : quantity((amountOf(draft, meter) ?? 0) + amount);
  if (sum === undefined) flag(draft, `usage_invalid:${field}`);
  else draft.amounts[meter] = sum;
}

/** Takes an amount of USD that the provider stated. Only readers of providers that bill what they state call this. */
export function report(draft: Draft, value: unknown, field: string, unitsPerUsd = 1): void {
  if (value === undefined || value === null) return;
  const amount = quantity(value);
  if (amount === undefined) flag(draft, `usage_invalid:${field}`);
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
  const { amounts, context, flags, additional, reportedCost } = draft;
  const usage: Writable<Usage> = {};
  let silent = true;
  for (let meter = 0; meter < amounts.length; meter += 1) {
    const amount = amounts[meter] as number;
    if (Number.isNaN(amount)) continue;
    usage[METERS[meter] as Meter] = amount;
    silent = false;
  }
  if (silent && flags === undefined && reportedCost === undefined && additional === undefined) return undefined;
  const result: Writable<UsageReport> = { usage, context, flags: flags ?? NO_FLAGS };
  if (reportedCost !== undefined) result.reportedCost = reportedCost;
  if (additional !== undefined) result.additional = additional;
  return result;
}
