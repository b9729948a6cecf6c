/**
 * `tokenmeter.budget.usd`, `.spent.usd` and `.blocked`, as the contract has them. They are read at each collection; a scope
 * key that may not go on metrics is reported as its highest value, without the id.
 */
import {
  type Attributes,
  type BatchObservableCallback,
  type BatchObservableResult,
  metrics,
  type Observable,
  ValueType,
} from '@opentelemetry/api';
import { ATTR, METRICS, TOKENMETER_ATTR, type TokenmeterInstrument } from '@tokenmeter/semconv';
import { type Budget, isShort, NANO_PER_USD } from './budget.ts';
import type { Refusal } from './enforce/error.ts';
import type { Engine } from './engine.ts';
import type { Account } from './evaluate/account.ts';

/** The most values of one budget that are reported: those that spent most. */
const MOST_VALUES = 200;

/** Scope keys whose values are few. */
const FEW: ReadonlySet<string> = new Set(['feature', 'team', 'provider', 'model', 'operation', 'environment']);

/** Whether the values of a scope key may go on metrics; those of the tenant where the configuration says so. */
export function scopeOnMetrics(key: string, tenant: boolean): boolean {
  return FEW.has(key) || (key === 'tenant' && tenant);
}

export interface BudgetMetricsOptions {
  readonly engine: Engine;
  /** Whether the values of a scope key may go on metrics: they are few, and nobody's name. */
  readonly onMetrics: (key: string) => boolean;
}

export interface BudgetMetrics {
  /** Joins the MeterProvider that is registered now. Cheap where nothing changed; never throws. */
  join(): void;
  countBlocked(refusal: Refusal): void;
}

export function createBudgetMetrics({ engine, onMetrics }: BudgetMetricsOptions): BudgetMetrics {
  const blocked = new Map<string, { readonly attributes: Attributes; count: number }>();
  let provider: unknown;
  let leave = (): void => {};

  const attributesOf = ({ name, window, each }: Budget, environment?: string, value?: string): Attributes => ({
    [TOKENMETER_ATTR.budgetName]: name,
    [TOKENMETER_ATTR.budgetWindow]: window.label,
    [TOKENMETER_ATTR.budgetStore]: engine.state.id,
    ...(environment !== undefined && { [ATTR.environment]: environment }),
    ...(each !== undefined && value !== undefined && onMetrics(each) && { [TOKENMETER_ATTR.budgetScopeValue]: value }),
  });

  function attach(): () => void {
    const meter = metrics.getMeterProvider().getMeter('tokenmeter');
    const options = ({ unit, description }: TokenmeterInstrument): { unit: string; description: string } => ({
      unit,
      description,
    });
    const amount = meter.createObservableGauge(METRICS.budget.name, options(METRICS.budget));
    const spent = meter.createObservableGauge(METRICS.budgetSpent.name, options(METRICS.budgetSpent));
    const refused = meter.createObservableCounter(METRICS.budgetBlocked.name, {
      ...options(METRICS.budgetBlocked),
      valueType: ValueType.INT,
    });
    const callback: BatchObservableCallback = (result) => {
      for (const accounts of byBudget(engine).values()) observe(result, amount, spent, accounts);
      for (const { attributes, count } of blocked.values()) result.observe(refused, count, attributes);
    };
    const all = [amount, spent, refused];
    meter.addBatchObservableCallback(callback, all);
    return () => meter.removeBatchObservableCallback(callback, all);
  }

  function observe(result: BatchObservableResult, amount: Observable, spent: Observable, accounts: Account[]): void {
    accounts.sort((a, b) => b.spent - a.spent);
    const seen = new Set<string>();
    for (const { budget, environment, value, spent: quantity } of accounts) {
      const attributes = attributesOf(budget, environment, value);
      const set = JSON.stringify(attributes);
      // Without the value, only the highest of an environment is told.
      if (seen.has(set) || seen.size >= MOST_VALUES) continue;
      seen.add(set);
      result.observe(amount, budget.amount / NANO_PER_USD, attributes);
      result.observe(spent, quantity / NANO_PER_USD, attributes);
    }
  }

  return {
    join() {
      const current = metrics.getMeterProvider();
      if (current === provider) return;
      provider = current;
      try {
        leave();
        leave = attach();
      } catch {
        // A provider that throws is the app's; budgets count without it.
      }
    },
    countBlocked({ budget, environment, value }) {
      const attributes = attributesOf(budget, environment, value);
      const key = JSON.stringify(attributes);
      const known = blocked.get(key);
      if (known) known.count += 1;
      else if (blocked.size < MOST_VALUES * 5) blocked.set(key, { attributes, count: 1 });
    },
  };
}

function byBudget(engine: Engine): Map<Budget, Account[]> {
  const found = new Map<Budget, Account[]>();
  for (const account of engine.accounts()) {
    const { budget } = account;
    if (budget.measure !== 'usd' || isShort(budget.window.kind)) continue;
    const accounts = found.get(budget);
    if (accounts) accounts.push(account);
    else found.set(budget, [account]);
  }
  return found;
}
