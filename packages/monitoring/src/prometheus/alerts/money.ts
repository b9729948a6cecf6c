/** Alerts on how much is spent. */
import { alertLabels, type Budget, DEFAULT_SHARES } from '@tokenmeter/budgets';
import { EXPENSIVE_CALL_USD, type MonitoringModel } from '../../model.ts';
import { LABEL, list } from '../../names.ts';
import { BUDGET_USED, burnRate, HOURS_LEFT, HOURS_TO_EXHAUSTION } from '../budgets.ts';
import { COUNTED } from '../increase.ts';
import { sumOver } from '../promql.ts';
import { anyOf, isTold, noneOf } from '../scopes.ts';
import { spentIn } from '../windows.ts';
import { type Alert, IN_ENVIRONMENT, PERCENT, type Severity, USD, value } from './alert.ts';

/** `Budget tenants of tenant acme in production`. */
const WHOSE = `{{ with $labels.${LABEL.budgetScope} }} of {{ with $labels.${LABEL.budgetScopeKey} }}{{ . }} {{ end }}{{ . }}{{ else }}{{ with $labels.${LABEL.budgetScopeKey} }} of the {{ . }} that spent most{{ end }}{{ end }}`;
const BUDGET_NAME = `Budget ${value(LABEL.budget)}${WHOSE}${IN_ENVIRONMENT}`;
const PER = `per ${value(LABEL.budgetWindow)}`;
const LONG = `${LABEL.budgetWindow}=~"week|month"`;

/** A spike is so many times what the same hour of past weeks cost on average, and at least so much. */
const SPIKE = { times: 3, usd: 1 };

const lastHour = spentIn('1h');
const pastWeeks = ['1w', '2w', '3w'].map((ago) => `${lastHour} offset ${ago}`);

function dearerThan(bound: string): string {
  const by = list([LABEL.environment, LABEL.feature, LABEL.team, LABEL.requestModel]);
  return `sum by (${by}) (${sumOver(`${COUNTED.callCost.increase}{le="${bound}"}`, '10m')})`;
}

/**
 * One for each share of an amount at which somebody is told: of each budget its own thresholds, of budgets that are not in
 * `tokenmeter.yaml` those that processes have by default. Labels are those of the alert that a process pushes about the same
 * budget and threshold: with both on, Alertmanager has one alert.
 */
export function budgetAlerts({ budgets }: MonitoringModel): readonly Alert[] {
  const told = budgets.filter(isTold);
  const shares = [...new Set([...DEFAULT_SHARES, ...told.flatMap(({ thresholds }) => thresholds)])];
  return shares
    .sort((a, b) => a - b)
    .map((share) => {
      const { alertname, severity, [LABEL.budgetThreshold]: threshold = '' } = alertLabels(NOBODY, share);
      return {
        name: alertname as string,
        severity: severity as Severity,
        labels: { [LABEL.budgetThreshold]: threshold },
        expr: `${BUDGET_USED}${tellingAt(share, told)} > ${share}`,
        summary: `${BUDGET_NAME} is spent to ${PERCENT} ${PER}, past ${threshold.replace('%', ' %')}.`,
        description: 'The window of the budget has not ended.',
      };
    });
}

/** No budget in particular. */
const NOBODY = { budget: '', window: '', store: '' };

/** The budgets with this threshold: `{…}`, or nothing where it is everybody's. */
function tellingAt(share: number, told: readonly Budget[]): string {
  const [telling, others] = [true, false].map((tells) =>
    told.filter(({ thresholds }) => thresholds.includes(share) === tells).map(({ name }) => name),
  ) as [string[], string[]];
  if (!DEFAULT_SHARES.includes(share)) return `{${LABEL.budget}${anyOf(telling)}}`;
  return others.length === 0 ? '' : `{${LABEL.budget}${noneOf(others)}}`;
}

/** For budgets that the rules know themselves. */
export const PACE_ALERTS: readonly Alert[] = [
  {
    name: 'TokenmeterBudgetBurnsFast',
    severity: 'critical',
    expr: `${burnRate('1h')} > 14.4 and ${burnRate('5m')} > 14.4`,
    summary: `${BUDGET_NAME} burns {{ $value | printf "%.1f" }} times as fast as the amount ${PER} allows.`,
    description: 'At this rate a budget of a month is gone in two days. It is still so in the last five minutes.',
  },
  {
    name: 'TokenmeterBudgetBurns',
    severity: 'warning',
    expr: `${burnRate('6h')}{${LONG}} > 6 and ${burnRate('30m')} > 6`,
    summary: `${BUDGET_NAME} burns {{ $value | printf "%.1f" }} times as fast as the amount ${PER} allows.`,
    description: 'At this rate a budget of a month is gone in five days. It is still so in the last half hour.',
  },
  {
    name: 'TokenmeterBudgetBurnsSlowly',
    severity: 'info',
    expr: `${burnRate('3d')}{${LONG}} > 1 and ${burnRate('6h')} > 1`,
    for: '1h',
    summary: `${BUDGET_NAME} burns {{ $value | printf "%.1f" }} times as fast as the amount ${PER} allows.`,
    description: 'The last three days and the last six hours spent more than an even share of the budget.',
  },
  {
    name: 'TokenmeterBudgetExhaustsSoon',
    severity: 'warning',
    expr: `${HOURS_TO_EXHAUSTION} < 4 and ${HOURS_TO_EXHAUSTION} < on (${LABEL.budgetWindow}) group_left () ${HOURS_LEFT}`,
    for: '5m',
    summary: `${BUDGET_NAME} is spent in {{ $value | printf "%.1f" }} hours at the rate of the last hour.`,
    description: 'It will be spent before its window ends.',
  },
];

export const SPEND_ALERTS: readonly Alert[] = [
  {
    name: 'TokenmeterSpendSpike',
    severity: 'warning',
    expr: `${lastHour} > ${SPIKE.usd}
and
${lastHour} > ${SPIKE.times} * ((${pastWeeks.join(' + ')}) / 3 or ${pastWeeks[0]})`,
    for: '5m',
    summary: `Feature ${value(LABEL.feature)}${IN_ENVIRONMENT} cost ${USD} in the last hour, more than ${SPIKE.times} times the same hour of past weeks.`,
    description:
      'Compared with the average of the same hour one, two and three weeks ago, or one week ago where that is all there is.',
  },
  {
    name: 'TokenmeterExpensiveCalls',
    severity: 'warning',
    expr: `${dearerThan('+Inf')} - ${dearerThan(String(EXPENSIVE_CALL_USD))} > 0`,
    summary: `{{ $value | printf "%.0f" }} calls of ${value(LABEL.feature)}${IN_ENVIRONMENT} to ${value(LABEL.requestModel)} cost more than $${EXPENSIVE_CALL_USD} each in the last 10 minutes.`,
    description: 'Tail sampling keeps the traces of such calls.',
  },
  {
    name: 'TokenmeterCallsBlocked',
    severity: 'warning',
    expr: `sum by (${list([LABEL.environment, LABEL.budget, LABEL.budgetWindow, LABEL.budgetScope])}) (${sumOver(COUNTED.budgetBlocked.increase, '10m')}) > 0`,
    summary: `${BUDGET_NAME} refused {{ $value | printf "%.0f" }} calls in the last 10 minutes.`,
    description: 'The budget enforces, and its amount is spent.',
  },
];
