/** The rule file: which rules stand in which group, and in which order. */
import { DEFAULT_MODEL, type MonitoringModel } from '../model.ts';
import { type Alert, alertRule } from './alerts/alert.ts';
import { HEALTH_ALERTS } from './alerts/health.ts';
import { budgetAlerts, PACE_ALERTS, SPEND_ALERTS } from './alerts/money.ts';
import { QUALITY_ALERTS, QUALITY_RULES } from './alerts/quality.ts';
import { budgetRules, hasPace } from './budgets.ts';
import { conventionRules } from './conventions.ts';
import { COUNTING_RULE, increaseRules, memoryRules, REMEMBERED } from './increase.ts';
import { type RuleGroup, SPARSE_EVERY } from './promql.ts';
import { longWindowRules, REMEMBERED_WINDOWS, shortWindowRules, toDateRules } from './windows.ts';

/** The alerts of a model: those on a budget's pace need a budget that the rules know themselves. */
export function alertsOf(model: MonitoringModel): readonly Alert[] {
  return [
    ...budgetAlerts(model),
    ...(hasPace(model) ? PACE_ALERTS : []),
    ...SPEND_ALERTS,
    ...QUALITY_ALERTS,
    ...HEALTH_ALERTS,
  ];
}

/** Every alert that any model has, with the thresholds of budgets that name none. */
export const ALL_ALERTS: readonly Alert[] = [
  ...budgetAlerts(DEFAULT_MODEL),
  ...PACE_ALERTS,
  ...SPEND_ALERTS,
  ...QUALITY_ALERTS,
  ...HEALTH_ALERTS,
];

/** In the order in which a test must evaluate them: each group reads what those before it record. */
export function ruleGroups(model: MonitoringModel): readonly RuleGroup[] {
  const often = `${model.evaluationSeconds}s`;
  return [
    {
      name: 'tokenmeter-money',
      interval: often,
      rules: [...increaseRules(), ...toDateRules(), COUNTING_RULE],
    },
    {
      name: 'tokenmeter-memory',
      interval: `${SPARSE_EVERY * model.evaluationSeconds}s`,
      rules: memoryRules([...REMEMBERED, ...REMEMBERED_WINDOWS]),
    },
    { name: 'tokenmeter-windows', interval: often, rules: [...shortWindowRules(), ...QUALITY_RULES] },
    { name: 'tokenmeter-conventions', interval: often, rules: conventionRules() },
    { name: 'tokenmeter-long-windows', interval: `${5 * model.evaluationSeconds}s`, rules: longWindowRules() },
    { name: 'tokenmeter-budgets', interval: often, rules: budgetRules(model) },
    { name: 'tokenmeter-alerts', interval: often, rules: alertsOf(model).map((alert) => alertRule(alert, model)) },
  ];
}
