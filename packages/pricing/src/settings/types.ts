/** What a user may say about prices: in `tokenmeter.yaml` under `prices`, or in code. */
import type { MeterName } from '../meters.ts';

/**
 * A price of one's own. It replaces the list price of the model while it is in force; both amounts are kept.
 * Rates go by meter name (`input`, `output`, `cacheRead`, `cacheWrite5m`, `webSearches` …), as numbers or decimal
 * strings: USD per 1M tokens or characters, per 1,000 pieces (searches, images, pages), per minute of audio or video.
 * A meter without a rate is billed by the same fallbacks as a list price (`cacheRead` at `input` …).
 */
export type PriceOverride = {
  /** OTel or SDK name, e.g. `openai`; absent: every provider. */
  readonly provider?: string;
  readonly model: string;
  /** ISO date or time, inclusive; absent: always. */
  readonly from?: string;
  /** ISO date or time, exclusive; absent: for good. */
  readonly until?: string;
  /** Name of the contract, for the result's flags. */
  readonly label?: string;
} & { readonly [meter in MeterName]?: number | string };

/**
 * A negotiated discount on list prices. The most specific one in force applies (meter, then model, then provider; the
 * later one of equals); discounts do not add up, and none applies to a price of one's own or to an amount that the
 * provider itself reported.
 */
export interface PriceDiscount {
  readonly provider?: string;
  readonly model?: string;
  readonly meter?: MeterName;
  /** 25, `25` or `25%`: what is taken off. */
  readonly percent: number | string;
  readonly from?: string;
  readonly until?: string;
  readonly label?: string;
}

export interface PriceSettings {
  readonly overrides?: readonly PriceOverride[];
  /** A list, or percent by provider: `{ anthropic: '25%' }`. */
  readonly discounts?: readonly PriceDiscount[] | Readonly<Record<string, number | string>>;
  /** `provider/model` or `model` (any provider) -> `provider/model`: Azure deployments, inference profiles, proxies. */
  readonly aliases?: Readonly<Record<string, string>>;
}

export interface PriceSettingsIssue {
  /** Where it is, e.g. `['overrides', 0, 'input']`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Settings that would give wrong money. Lists everything that is wrong with them. */
export class PriceSettingsError extends Error {
  readonly issues: readonly PriceSettingsIssue[];

  constructor(issues: readonly PriceSettingsIssue[]) {
    super(issues.map(({ path, message, hint }) => `prices.${path.join('.')}: ${message}. ${hint}`).join('\n'));
    this.name = 'PriceSettingsError';
    this.issues = issues;
  }
}
