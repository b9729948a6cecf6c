/** What the generators are told of a `tokenmeter.yaml`. */
import { type BudgetSources, compileBudgets } from '@tokenmeter/budgets';
import { DEFAULT_MODEL, type MonitoringModel } from '@tokenmeter/monitoring';

export function modelOf(config: BudgetSources): MonitoringModel {
  const { budgets, problems } = compileBudgets(config);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return { ...DEFAULT_MODEL, features: config.features ?? {}, budgets };
}
