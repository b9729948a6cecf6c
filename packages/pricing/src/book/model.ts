/**
 * The price book as the engine uses it.
 *
 *   PriceBook ─ sellers ─ rows ─ periods ─ rate sets (standard, variants) ─ long-context tiers ─ rates by meter
 *
 * A **seller** is who sends the bill (openai, azure, bedrock …): the same model costs differently elsewhere. A **row** is
 * one model of a seller. A **period** starts at an instant and lasts until the next one. A **rate set** is a full product
 * of tiers and meters for one combination of service tier and place (standard, batch, priority + us …); the engine never
 * multiplies rates of two sets into a third. Everything here is immutable once decoded.
 */

/**
 * Rates by meter index, whole pico-USD per unit. NaN: none, not even by fallback.
 * `inferred` has bit `i` set where the rate of meter `i` is another meter's, by inference.
 */
export interface Rates {
  readonly perUnit: Float64Array;
  /** The same before fallbacks: NaN where the seller publishes no rate of its own. */
  readonly own: Float64Array;
  readonly inferred: number;
}

/** The whole request moves to these rates when its prompt (cached tokens included) passes the bound. */
export interface Tier {
  readonly at: number;
  /** True: `prompt >= at`; false: `prompt > at`. */
  readonly inclusive: boolean;
  /** Sources differ about a prompt of exactly `at`: it stays below, and the result is flagged. */
  readonly ambiguous: boolean;
  readonly rates: Rates;
}

export interface RateSet {
  /** `` for standard, else e.g. `batch`, `priority`, `batch+us`. */
  readonly name: string;
  readonly rates: Rates;
  /** Ascending by `at`. */
  readonly tiers: readonly Tier[];
  /** The seller publishes no long-context rates for this combination although it has them for the standard one. */
  readonly tiersUnpublished: boolean;
}

/** A price that depends on the hour. Inside a window the period's `peak` set applies, outside its `standard` one. */
export interface Schedule {
  /** Hours east of UTC of the calendar that says which day it is. */
  readonly offsetHours: number;
  /** Half-open, minutes of the UTC day. */
  readonly windows: readonly (readonly [from: number, to: number])[];
  /** Days of the week that have windows, 0 = Sunday; on others the standard set applies all day. */
  readonly days: ReadonlySet<number>;
  /** `YYYY-MM-DD` without windows. */
  readonly holidays: ReadonlySet<string>;
  /** Last day that `holidays` is known for: later peak hours are estimated. */
  readonly holidaysUntil: string;
  readonly peak: RateSet;
}

/** The rate sets beside the standard one, by variant code (see `variant.ts`). */
export interface Variants {
  has(code: number): boolean;
  get(code: number): RateSet | undefined;
  values(): Iterable<RateSet>;
}

export interface Period {
  /** Unix milliseconds; -Infinity for the first. */
  readonly from: number;
  /** ISO 8601 of `from`, absent for the first. */
  readonly effectiveFrom?: string;
  readonly standard: RateSet;
  readonly variants: Variants;
  readonly schedule?: Schedule;
}

export interface Row {
  /** `seller/model`. */
  readonly id: string;
  readonly model: string;
  readonly seller: string;
  /** The seller bills nothing for it. */
  readonly free: boolean;
  /** Why there is no price although the model is known. */
  readonly unpriced?: string;
  /** The rate is not necessarily that of the endpoint that served the call: results are `estimated`. */
  readonly estimated: boolean;
  /** Descending by `from`. */
  readonly periods: readonly Period[];
  readonly url?: string;
  /** Which source the row was taken from. */
  readonly origin: string;
}

/** How a row may be found by an id of the seller, in normal form (see `match.ts`). */
export interface SellerBook {
  readonly rows: readonly Row[];
  /** Ids and aliases, lower case. */
  readonly index: ReadonlyMap<string, Row>;
  /** Ids whose dated snapshots (`-YYYY-MM-DD`, `-YYYYMMDD` …) are the same row. */
  readonly snapshots: ReadonlySet<string>;
}

/** One version of all prices. Immutable: a new version is a new object, which a pricer takes over as a whole. */
export interface PriceBook {
  /** `<date>.<hash of the contents>`. */
  readonly version: string;
  /** ISO date of the newest fact in it. */
  readonly date: string;
  /** Sellers that have rows. */
  readonly sellers: readonly string[];
  /** Rows of a seller, decoded at the first call; `undefined` for an unknown one. */
  seller(id: string): SellerBook | undefined;
}
