/**
 * The model that every output is made of: the contract (`@tokenmeter/semconv`) and what `tokenmeter.yaml` says of features,
 * budgets and prices.
 */
import type { Budget } from '@tokenmeter/budgets';
import type { PriceSettings } from '@tokenmeter/pricing';

export interface MonitoringModel {
  /** Teams by feature. */
  readonly features: Readonly<Record<string, { readonly team?: string }>>;
  /** As processes keep them; those in USD are watched by rules as well. */
  readonly budgets: readonly Budget[];
  readonly prices: PriceSettings;
  /** The tenant stands on metrics. */
  readonly tenantOnMetrics: boolean;
  /** Seconds between two evaluations of the rules that count. 60 in what is generated; tests use less. */
  readonly evaluationSeconds: number;
  /** What runbook links begin with. */
  readonly runbooks: string;
}

/** The model of the files in the repository: no `tokenmeter.yaml`. */
export const DEFAULT_MODEL: MonitoringModel = {
  features: {},
  budgets: [],
  prices: {},
  tenantOnMetrics: false,
  evaluationSeconds: 60,
  runbooks: 'https://github.com/tokenmeter/tokenmeter/blob/main/docs/runbooks',
};

/** USD of a single call that is worth a look: alerted on, and always kept by tail sampling. A bound of the histogram. */
export const EXPENSIVE_CALL_USD = 2.5;

/** The oldest version of the collector that the configuration is for, and the one that it is tested with. */
export const COLLECTOR_VERSION = '0.161.0';
