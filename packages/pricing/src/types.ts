/**
 * The vocabulary of this package.
 *
 * A provider's body becomes a {@link UsageReport} (`usage/<provider>.ts`, pure), a report and the identity of the call
 * become a {@link Cost} (`price`). Neither step throws, whatever the input.
 */

/**
 * The canonical token vector of a call, and its other metered quantities. Every field is a finite number >= 0.
 * Absent means "not reported", which is not 0.
 *
 * Invariants (a report that breaks them is clamped and flagged `usage_clamped`):
 * - `cacheRead` + all `cacheWrite*` <= `input`
 * - `reasoning` <= `output`
 * - a modality of a direction is a subset of that direction's total
 */
export interface Usage {
  /** All input tokens, cached ones included. */
  readonly input?: number;
  /** All output tokens, reasoning included. */
  readonly output?: number;
  /** Subset of `input`: read from a cache. */
  readonly cacheRead?: number;
  /** Subsets of `input`: written to a cache, by time to live. A write of unstated life is `cacheWrite5m`'s sibling `cacheWrite`. */
  readonly cacheWrite?: number;
  readonly cacheWrite5m?: number;
  readonly cacheWrite30m?: number;
  readonly cacheWrite1h?: number;
  readonly cacheWrite12h?: number;
  /** Subset of `output`. */
  readonly reasoning?: number;
  /** Subsets of `input` and `output` by modality; what no modality claims is text. */
  readonly audioInput?: number;
  readonly imageInput?: number;
  readonly videoInput?: number;
  readonly audioOutput?: number;
  readonly imageOutput?: number;
  readonly videoOutput?: number;
  /** Subsets of `cacheRead` by modality. */
  readonly audioCacheRead?: number;
  readonly imageCacheRead?: number;
  readonly videoCacheRead?: number;
  /** Perplexity: tokens of cited sources, outside `input` and `output`. */
  readonly citation?: number;
  /** Counted units, outside tokens. More than one request: the usage is the sum of theirs (a batch). */
  readonly requests?: number;
  readonly webSearches?: number;
  readonly webFetches?: number;
  readonly fileSearches?: number;
  readonly codeExecutions?: number;
  readonly images?: number;
  readonly pages?: number;
  readonly searchUnits?: number;
  readonly inputCharacters?: number;
  readonly outputCharacters?: number;
  readonly inputAudioSeconds?: number;
  readonly outputAudioSeconds?: number;
  readonly videoSeconds?: number;
}

/** Facts, beside model and usage, that select a rate. They come from the response where it states them. */
export interface PriceContext {
  /** The tier that served the call, in the provider's word: `default`, `flex`, `priority`, `scale` … */
  readonly serviceTier?: string;
  /** Served by a batch endpoint. Bodies of batch results say "default": only the endpoint knows. */
  readonly batch?: boolean;
  /** Anthropic: `standard` or `fast`. */
  readonly speed?: string;
  /** Where inference ran, as the provider states it (Anthropic `inference_geo`, OpenAI data residency). */
  readonly geo?: string;
  /** Cloud region of the endpoint (Bedrock, Vertex). */
  readonly region?: string;
  /** Perplexity: `low`, `medium`, `high`. */
  readonly searchContextSize?: string;
}

/** An amount that the provider itself stated. Always USD: another unit is not reported. */
export interface ReportedCost {
  readonly usd: number;
  /** Which field it came from, e.g. `usage.cost`. */
  readonly field: string;
}

/** Usage that is billed under another model, or that the totals leave out. */
export interface AdditionalUsage {
  /** Absent: the model of the call. */
  readonly model?: string;
  readonly usage: Usage;
}

/** What a provider's body says about consumption. */
export interface UsageReport {
  readonly usage: Usage;
  readonly context: PriceContext;
  readonly reportedCost?: ReportedCost;
  readonly additional?: readonly AdditionalUsage[];
  /** Remarks on the numbers: `usage_clamped`, `usage_invalid:<field>` … */
  readonly flags: readonly string[];
}

/**
 * - `priced`: provider usage and known rates, or the provider's own cost
 * - `free`: known to cost nothing
 * - `estimated`: an amount with an inferred part (usage, clamp, rate, tier)
 * - `unpriced`: usage known, no rate for a meter that is not zero
 * - `usage_unknown`: may have been billed, no usage
 *
 * Only the first three have an amount.
 */
export type CostStatus = 'priced' | 'free' | 'estimated' | 'unpriced' | 'usage_unknown';

export const COST_STATUSES: readonly CostStatus[] = ['priced', 'free', 'estimated', 'unpriced', 'usage_unknown'];

/** Who gave the amount. */
export type CostSource = 'list' | 'override' | 'provider';

/** How the model found its row. */
export type CostMatch = 'exact' | 'snapshot' | 'alias';

/** A call to be priced. */
export interface PriceRequest {
  /** OTel `gen_ai.provider.name`, or an SDK's name; the host decides first. */
  readonly provider: string;
  /** Host of the endpoint, without port. */
  readonly host?: string;
  readonly requestModel?: string;
  /** Wins over `requestModel`. */
  readonly responseModel?: string;
  /** Absent: usage is unknown. */
  readonly report?: UsageReport;
  /** The usage is our estimate, not the provider's count. */
  readonly usageEstimated?: boolean;
  /** Facts known from the request or the endpoint; the report's own win. */
  readonly context?: PriceContext;
  /** When the call started, Unix milliseconds: the price in force then applies. */
  readonly at: number;
  /** HTTP status of a call that failed: a refusal (see `isRefusal`) without a report is known to cost nothing. */
  readonly httpStatus?: number;
}

/** The cost of a call. Amounts are exact integers of pico-USD (1e-12 USD). */
export interface Cost {
  readonly status: CostStatus;
  /** Exact amount; present exactly when `status` is `priced`, `free` or `estimated`. */
  readonly pico?: bigint;
  /** The same in USD, rounded to a double. */
  readonly usd?: number;
  /** Exact amounts by meter; they add up to `pico`. Absent when the provider gave the amount. */
  readonly parts?: Readonly<Record<string, bigint>>;
  /** At list price, where it is known and differs from `pico` (discount, override, provider's own amount). */
  readonly listPico?: bigint;
  readonly listUsd?: number;
  /** What cache reads saved against the list input price, pico-USD; never negative. */
  readonly cacheSavingsPico?: bigint;
  readonly source?: CostSource;
  readonly match?: CostMatch;
  /** Price-book row, `seller/model`. */
  readonly rowId?: string;
  /** Version of the price book. */
  readonly version: string;
  /** ISO 8601, start of the period whose rates applied. */
  readonly effectiveFrom?: string;
  readonly url?: string;
  /** Long-context tier that applied, e.g. `>272000`. */
  readonly tier?: string;
  /** Variant that applied, e.g. `batch`, `priority`, `fast`. */
  readonly variant?: string;
  readonly flags: readonly string[];
}
