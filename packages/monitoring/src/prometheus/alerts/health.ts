/** Alerts on whether the numbers can be believed: stale prices, data that does not come, rules that fail. */
import { LABEL, list, METRIC } from '../../names.ts';
import { COUNTED } from '../increase.ts';
import { sumOver } from '../promql.ts';
import { type Alert, IN_ENVIRONMENT, value } from './alert.ts';

const STALE_DAYS = 45;

export const HEALTH_ALERTS: readonly Alert[] = [
  {
    name: 'TokenmeterPriceBookStale',
    severity: 'warning',
    expr: `(time() - min by (${list([LABEL.environment, LABEL.priceVersion])}) (${METRIC.priceBookTimestamp})) / 86400 > ${STALE_DAYS}`,
    for: '1h',
    summary: `The price book ${value(LABEL.priceVersion)}${IN_ENVIRONMENT} is {{ $value | printf "%.0f" }} days old.`,
    description: 'Prices have changed since. Calls to newer models are unpriced, and others may be priced wrongly.',
  },
  {
    name: 'TokenmeterNoData',
    severity: 'warning',
    expr: `absent_over_time({__name__=~"${METRIC.priceBookTimestamp}|${METRIC.calls}"}[15m])`,
    for: '15m',
    summary: 'No process and no collector has sent a Tokenmeter metric for 15 minutes.',
    description:
      'Either nothing runs, or nothing arrives. Every amount stands still meanwhile, and no budget is watched.',
  },
  {
    name: 'TokenmeterCollectorLoss',
    severity: 'critical',
    expr: `sum by (what, job, exporter, receiver) (${sumOver(COUNTED.collectorLoss.increase, '10m')}) > 0`,
    summary:
      'The collector lost {{ $value | printf "%.0f" }} items in the last 10 minutes ({{ $labels.what }} {{ $labels.exporter }}{{ $labels.receiver }}).',
    description:
      'Money that these spans or metric points stand for is missing from every amount, unless the sender tries again.',
  },
  {
    name: 'TokenmeterRuleFailures',
    severity: 'critical',
    expr: `sum by (rule_group) (
  increase(prometheus_rule_evaluation_failures_total{rule_group=~".*;tokenmeter.*"}[10m])
  + increase(prometheus_rule_group_iterations_missed_total{rule_group=~".*;tokenmeter.*"}[10m])
) > 0`,
    summary:
      'Prometheus failed or skipped {{ $value | printf "%.0f" }} evaluations of {{ $labels.rule_group }} in the last 10 minutes.',
    description:
      'Budgets and alerts of this group are not watched meanwhile. A missed evaluation loses no money: the next one counts it.',
  },
  {
    name: 'TokenmeterAlertsFailed',
    severity: 'warning',
    expr: `sum by (${list([LABEL.environment, LABEL.alertChannel])}) (${sumOver(COUNTED.alertsFailed.increase, '1h')}) > 0`,
    summary: `{{ $value | printf "%.0f" }} budget alerts${IN_ENVIRONMENT} did not reach ${value(LABEL.alertChannel)} in the last hour.`,
    description: 'Somebody was not told of a budget, and nothing else will tell them.',
  },
  {
    name: 'TokenmeterAttributesCapped',
    severity: 'info',
    expr: `sum by (${list([LABEL.environment, LABEL.cappedAttribute])}) (${sumOver(COUNTED.attributesCapped.increase, '1h')}) > 0`,
    summary: `{{ $value | printf "%.0f" }} calls${IN_ENVIRONMENT} stand under "_other", because ${value(LABEL.cappedAttribute)} has too many values.`,
    description: 'Sums stay exact, but cannot be told apart by this key.',
  },
  {
    name: 'TokenmeterWatchdog',
    severity: 'none',
    expr: 'vector(1)',
    summary: 'This alert always fires: 1. When it stops arriving, alerting is broken.',
    description: 'Send it to something that complains when it does not hear from it.',
  },
];
