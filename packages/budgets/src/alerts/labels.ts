/**
 * The labels by which Alertmanager knows the alert on a budget and one of its thresholds. Prometheus rules that watch the
 * same budget take them from here: two senders, one alert.
 */
import { TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { identityAttributes, percent } from './identity.ts';
import type { BudgetIdentity } from './types.ts';

export const BUDGET_ALERT = 'TokenmeterBudget';

/** Who is told where no team is known. */
export const FALLBACK_TEAM = 'platform';

/** As Prometheus writes an attribute's name. */
const label = (attribute: string): string => attribute.replaceAll('.', '_');

/**
 * `alertname`, `severity` (`critical` from the whole amount on, `warning` below), `team` to route by, the identity and the
 * threshold. Nothing differs between replicas.
 */
export function alertLabels(identity: BudgetIdentity, threshold: number): Record<string, string> {
  const attributes = { ...identityAttributes(identity), [TOKENMETER_ATTR.budgetThreshold]: percent(threshold) };
  return {
    alertname: BUDGET_ALERT,
    severity: threshold >= 1 ? 'critical' : 'warning',
    team: identity.team || FALLBACK_TEAM,
    ...Object.fromEntries(Object.entries(attributes).map(([key, value]) => [label(key), value])),
  };
}
