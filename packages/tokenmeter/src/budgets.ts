/** The budgets of this process, from `tokenmeter.yaml` and what the app's code adds to it. */
import type { Budgets } from '@tokenmeter/budgets';
import type { Metrics } from '@tokenmeter/instrumentation';
import type { Pricer } from '@tokenmeter/pricing';
import { ATTR } from '@tokenmeter/semconv';
import type { App } from './app.ts';
import { budgets } from './config/lazy.ts';
import type { Config } from './config/types.ts';
import { registered } from './registered.ts';
import type { Warnings } from './warnings.ts';

export interface BudgetRoom {
  readonly config: Config;
  readonly pricer: Pricer;
  /** The ledger's folder. */
  readonly folder: string;
  readonly app: App;
  readonly warnings: Warnings;
  readonly metrics: Metrics;
}

/** Opens the state and starts what watches it; undefined where there is no budget. */
export function openBudgets({ config, pricer, folder, app, warnings, metrics }: BudgetRoom): Budgets | undefined {
  if (config.budgets.length === 0) return undefined;
  const { createBudgets, scopeOnMetrics } = budgets();
  return createBudgets({
    budgets: config.budgets,
    pricer,
    dir: folder,
    redis: config.store && { ...config.store, url: config.store.redis },
    alerts: config.alerts ?? {},
    service: app.resource[ATTR.serviceName],
    log: (line) => process.stderr.write(`${line}\n`),
    onWarning: warnings.warn,
    onFailedAlerts: (channel, alerts) => metrics.countFailedAlerts(channel, alerts),
    onMetrics: (key) => scopeOnMetrics(key, config.tenants?.onMetrics === true),
    downgrade: () => registered.downgrade,
    listener: async (alert, text) => {
      for (const listener of registered.alertListeners) await listener(alert, text);
    },
  });
}
