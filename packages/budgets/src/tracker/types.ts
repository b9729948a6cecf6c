import type { CostStatus, PriceSettings, Usage, UsageApi } from '@tokenmeter/pricing';

/** What a call used: the provider's own answer, or numbers that somebody has read from it. */
export interface TrackedCall {
  /** Default: the one that the response states. */
  readonly model?: string;
  /** OpenTelemetry's name. Default: the one of openai, anthropic and gcp.gemini that has the model. */
  readonly provider?: string;
  /** What the call is for: a route, a job, a feature. Default `unknown`. */
  readonly endpoint?: string;
  /** All input tokens, cached ones included. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** The same with cached tokens and everything else that is metered. Wins over the two above. */
  readonly usage?: Usage;
  /** The provider's answer, or the last event of a stream: usage and model are read from it. Wins over all of them. */
  readonly response?: unknown;
  /** Which API answered. Default: `messages` of anthropic, `generate_content` of gcp.gemini, else `chat`. */
  readonly api?: UsageApi;
}

/** A call that was recorded. */
export interface TrackedRecord {
  readonly timestamp: Date;
  readonly endpoint: string;
  readonly model: string;
  readonly provider: string;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** Absent where it is not known, which is not 0. */
  readonly costUsd: number | undefined;
  readonly costStatus: CostStatus;
}

/** Where lines go: `console`, pino and winston fit. */
export interface TrackerLogger {
  info(line: string): void;
  warn(line: string): void;
}

export interface TrackerOptions {
  /** USD of one call; more than this is an alert. Default 0.10. */
  readonly threshold?: number;
  /**
   * `raise`: `record` throws a `BudgetAlertError` after the alert. The call has been paid for by then: its answer is lost
   * unless the caller keeps it. Default `log`.
   */
  readonly mode?: 'log' | 'raise';
  /** Incoming webhook of Slack. An undefined one (a variable that is not set) means log only, and is said once. */
  readonly slack?: { readonly webhook: string | undefined };
  /** Default: lines on standard error. */
  readonly logger?: TrackerLogger;
  /** A line for every call. Default false. */
  readonly logCalls?: boolean;
  /** Prices and discounts of one's own. Default: list prices. */
  readonly prices?: PriceSettings;
  /** `throw`: `record` throws an `UnknownModelError` for a call without a price. Default `warn`: one line per model. */
  readonly onUnknownModel?: 'warn' | 'throw';
  /** How many records are kept; totals are of all. Default 1000. */
  readonly keep?: number;
}

/** Totals, in the guide's names. */
export interface TrackerSummary {
  readonly total_requests: number;
  /** USD, 6 decimals; without the calls whose cost is not known. */
  readonly total_cost_usd: number;
  readonly alerts_fired: number;
  /** How many calls have a cost of each status: what the total covers. */
  readonly coverage: Readonly<Record<CostStatus, number>>;
}
