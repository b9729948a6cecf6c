/**
 * The price book as it is shipped: compact JSON, prices as plain numbers in the unit that people quote (USD per 1M
 * tokens or characters, per 1,000 pieces, per minute). `decode.ts` turns it into whole pico-USD per unit.
 */

/** Rates by meter name. */
export type EncodedRates = Readonly<Record<string, number>>;

/** `[bound, 0 exclusive | 1 inclusive | 2 exclusive and ambiguous, rates]` */
export type EncodedTier = readonly [at: number, bound: 0 | 1 | 2, rates: EncodedRates];

/**
 * One combination of a period beside the standard one.
 * - `f` multiplies the standard token rates (never counted meters); `x` names meters that keep their standard rate
 * - `r` gives rates outright, beside `f` or without, `l` their long-context tiers
 * - `n`: no long-context rates are published for the combination (with `f`: the factor covers the short rates only)
 */
export interface EncodedVariant {
  readonly f?: number;
  readonly x?: readonly string[];
  readonly r?: EncodedRates;
  readonly l?: readonly EncodedTier[];
  readonly n?: 1;
}

/** Variants by name: `batch`, `priority`, `us`, `batch+us` … */
export type EncodedVariants = Readonly<Record<string, EncodedVariant>>;

export interface EncodedSchedule {
  readonly windows: readonly (readonly [from: string, to: string])[];
  /** Offset of the calendar in hours, e.g. 8 for Beijing. */
  readonly offset: number;
  readonly days: readonly number[];
  /** Name in `calendars`. */
  readonly calendar?: string;
  /** Peak rates as a multiple of the standard ones; absent where each period gives them. */
  readonly factor?: number;
}

export interface EncodedPeriod {
  readonly r: EncodedRates;
  readonly l?: readonly EncodedTier[];
  /** Name in `variants`. */
  readonly v?: string;
  /** Name in `schedules`. */
  readonly s?: string;
  /** Rates within the windows of the schedule, where they are no multiple. */
  readonly p?: EncodedRates;
}

/** Options of a row. */
export interface EncodedRowOptions {
  /** Aliases. */
  readonly a?: readonly string[];
  /** Dated snapshots of the id and of its aliases are the same row. */
  readonly d?: 1;
  readonly free?: 1;
  /** Index in `reasons`. */
  readonly u?: number;
  readonly e?: 1;
  /** Index in `urls`; absent: the seller's. */
  readonly w?: number;
  /** Index in `origins`; absent: 0. */
  readonly o?: number;
}

/** `[model, periods, options?]`; a period is `index` (always) or `[ISO start, index]`, ascending. */
export type EncodedRow = readonly [
  model: string,
  periods: readonly (number | readonly [from: string, index: number])[],
  options?: EncodedRowOptions,
];

export interface EncodedBook {
  /** Version of this format. */
  readonly schema: 1;
  readonly date: string;
  readonly version: string;
  readonly origins: readonly string[];
  readonly urls: readonly string[];
  readonly reasons: readonly string[];
  readonly calendars: Readonly<Record<string, { readonly until: string; readonly days: readonly string[] }>>;
  readonly schedules: Readonly<Record<string, EncodedSchedule>>;
  readonly variants: Readonly<Record<string, EncodedVariants>>;
  readonly periods: readonly EncodedPeriod[];
  readonly sellers: Readonly<Record<string, { readonly url?: number; readonly rows: readonly EncodedRow[] }>>;
}
