/** What `tokenmeter.yaml` says, checked. */
import type { AlertSettings, Budget } from '@tokenmeter/budgets';

export interface Config {
  /** `service.name` of the processes, where `OTEL_SERVICE_NAME` does not say. */
  readonly service?: string;
  /** `deployment.environment.name`. */
  readonly environment?: string;
  readonly features: Readonly<Record<string, FeatureConfig>>;
  /** Rules of `routes` and of the features' own `routes`, in the order of the file. The first that matches counts. */
  readonly routes: readonly RouteRule[];
  /** Those of `budgets` and of the features, checked. */
  readonly budgets: readonly Budget[];
  /** Where budgets of several hosts are kept; without it, in the ledger's folder. */
  readonly store?: StoreConfig;
  readonly tenants?: TenantConfig;
  readonly prices?: PriceConfig;
  /** Where alerts go. Without a channel whose `${NAME}` has no value; see `LoadedConfig.leftOut`. */
  readonly alerts?: AlertSettings;
  readonly ledger?: LedgerConfig;
}

export interface StoreConfig {
  /** URL, with its password. */
  readonly redis: string;
  /** Which package; default: the one that is installed. */
  readonly client?: 'redis' | 'ioredis';
  readonly prefix?: string;
  /** How long a hold outlives its process. A call that lives longer renews it. Default 60. */
  readonly holdSeconds?: number;
}

export interface FeatureConfig {
  readonly team?: string;
  /** Who is told about it, in the words of a chat or a ticket system. */
  readonly owner?: string;
}

/** A request of this route is for this feature, if nothing nearer to the call says otherwise. */
export interface RouteRule {
  /** `http.route`; a `*` at the end stands for any rest. */
  readonly route: string;
  /** Upper case; absent: any. */
  readonly method?: string;
  readonly feature: string;
}

export interface TenantConfig {
  /** Whether the tenant stands on metrics, where each one costs a series. Default: false. */
  readonly onMetrics?: boolean;
}

/** As the pricing package takes it, and what a process does with it. */
export interface PriceConfig {
  /** Default: `warn`. */
  readonly onUnknownModel?: UnknownModelPolicy;
  readonly refresh?: RefreshConfig;
  readonly discounts?: Readonly<Record<string, number | string>> | readonly DiscountConfig[];
  readonly aliases?: Readonly<Record<string, string>>;
  readonly overrides?: readonly OverrideConfig[];
}

/**
 * What happens to a call of a model without a price: one warning per model, a rejection with `UnknownModelError` before the
 * request is sent, or nothing.
 */
export type UnknownModelPolicy = 'warn' | 'throw' | 'ignore';

export interface RefreshConfig {
  /** An address, or an absolute path. */
  readonly from: string;
  /** `24h`, if the file does not say. */
  readonly every?: string;
}

export interface DiscountConfig {
  readonly provider?: string;
  readonly model?: string;
  readonly meter?: string;
  readonly percent: number | string;
  readonly from?: string;
  readonly until?: string;
  readonly label?: string;
}

export interface OverrideConfig {
  readonly provider?: string;
  readonly model: string;
  readonly from?: string;
  readonly until?: string;
  readonly label?: string;
  /** Rates by meter. */
  readonly [meter: string]: number | string | undefined;
}

export interface LedgerConfig {
  /** Absolute. */
  readonly dir?: string;
  readonly keepDays?: number;
}
