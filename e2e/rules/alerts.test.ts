/** Each alert fires in a minimal case and is silent just below it. */
import { ALL_ALERTS, DEFAULT_MODEL, type MonitoringModel } from '@tokenmeter/monitoring';
import { describe, expect, test } from 'vitest';
import { GENERATIONS, promtool, type RuleTest, type Series } from './promtool.ts';

const MODEL: MonitoringModel = {
  ...DEFAULT_MODEL,
  features: { chat: { team: 'search' }, batch: { team: 'data' } },
  budgets: [
    { name: 'chat', usd: 720, window: 'month', feature: 'chat' },
    { name: 'batch', usd: 24, window: 'day', feature: 'batch' },
  ],
};

interface Case {
  readonly alert: string;
  readonly severity: string;
  readonly team: string;
  readonly fires: Series;
  readonly silent: Series;
  readonly at: string;
  readonly interval?: string;
}

const chat = (more: string): string => `{tokenmeter_feature="chat", tokenmeter_team="search", ${more}}`;
const cost = (more = 'instance="a"'): string => `tokenmeter_cost_usd_total${chat(more)}`;
const calls = (more: string): string => `tokenmeter_calls_total${chat(more)}`;
const budgetGauge = (name: string, store: string, instance = 'a'): string =>
  `${name}{tokenmeter_budget_name="tenants", tokenmeter_budget_window="month", tokenmeter_budget_scope="acme", tokenmeter_budget_store="${store}", instance="${instance}"}`;
const AMOUNT = budgetGauge('tokenmeter_budget_usd', 's');
const SPENT = budgetGauge('tokenmeter_budget_spent_usd', 's');
const ROW = 'gen_ai_provider_name="openai", gen_ai_request_model="m", instance="a"';

const CASES: readonly Case[] = [
  {
    ...{ alert: 'TokenmeterBudgetExceeded', severity: 'critical', team: 'platform', at: '5m' },
    fires: { [AMOUNT]: '10x10', [SPENT]: '10.01x10' },
    silent: { [AMOUNT]: '10x10', [SPENT]: '10x10' },
  },
  {
    ...{ alert: 'TokenmeterBudgetWarning', severity: 'warning', team: 'platform', at: '5m' },
    fires: { [AMOUNT]: '10x10', [SPENT]: '8.01x10' },
    silent: { [AMOUNT]: '10x10', [SPENT]: '8x10' },
  },
  {
    // 720 a month is 1 an hour: 14.4 in an hour, and as fast in the last five minutes.
    ...{ alert: 'TokenmeterBudgetBurnsFast', severity: 'critical', team: 'search', at: '70m' },
    fires: { [cost()]: '_x5 0 0+0.241x80' },
    silent: { [cost()]: '_x5 0 0+0.239x80' },
  },
  {
    ...{ alert: 'TokenmeterBudgetBurns', severity: 'warning', team: 'search', at: '7h', interval: '5m' },
    fires: { [cost()]: '_x2 0 0+0.51x100' },
    silent: { [cost()]: '_x2 0 0+0.49x100' },
  },
  {
    ...{ alert: 'TokenmeterBudgetBurnsSlowly', severity: 'info', team: 'search', at: '75h', interval: '30m' },
    fires: { [cost()]: '_x2 0 0+0.51x160' },
    silent: { [cost()]: '_x2 0 0+0.49x160' },
  },
  {
    // At 00:57 the day has 23.05 hours left. 19.9 or 20.1 in one go, of 24: (24 - 19.9) / 19.9 is 12 minutes, later spend is none.
    ...{ alert: 'TokenmeterBudgetExhaustsSoon', severity: 'warning', team: 'data', at: '57m' },
    fires: { 'tokenmeter_cost_usd_total{tokenmeter_feature="batch", tokenmeter_team="data"}': '_x5 4.81x60' },
    silent: { 'tokenmeter_cost_usd_total{tokenmeter_feature="batch", tokenmeter_team="data"}': '_x5 4.79x60' },
  },
  {
    // A dollar an hour for a week, then as much as the case says in one hour.
    ...{ alert: 'TokenmeterSpendSpike', severity: 'warning', team: 'search', at: '171h', interval: '30m' },
    fires: { [cost()]: '_x2 0+0.5x338 172.1x10' },
    silent: { [cost()]: '_x2 0+0.5x338 171.4x10' },
  },
  {
    ...{ alert: 'TokenmeterExpensiveCalls', severity: 'warning', team: 'search', at: '10m' },
    fires: {
      [`tokenmeter_call_cost_usd_bucket${chat(`le="2.5", ${ROW}`)}`]: '_x5 3x10',
      [`tokenmeter_call_cost_usd_bucket${chat(`le="+Inf", ${ROW}`)}`]: '_x5 4x10',
    },
    silent: {
      [`tokenmeter_call_cost_usd_bucket${chat(`le="2.5", ${ROW}`)}`]: '_x5 4x10',
      [`tokenmeter_call_cost_usd_bucket${chat(`le="+Inf", ${ROW}`)}`]: '_x5 4x10',
    },
  },
  {
    ...{ alert: 'TokenmeterCallsBlocked', severity: 'warning', team: 'platform', at: '10m' },
    fires: { [budgetGauge('tokenmeter_budget_blocked_total', 's')]: '_x5 1x10' },
    silent: { [budgetGauge('tokenmeter_budget_blocked_total', 's')]: '_x5 0x10' },
  },
  {
    ...{ alert: 'TokenmeterUntaggedCalls', severity: 'warning', team: 'platform', at: '40m' },
    fires: { [calls(ROW)]: '_x5 94x40', 'tokenmeter_calls_total{tokenmeter_feature="untagged"}': '_x5 6x40' },
    silent: { [calls(ROW)]: '_x5 95x40', 'tokenmeter_calls_total{tokenmeter_feature="untagged"}': '_x5 5x40' },
  },
  {
    ...{ alert: 'TokenmeterUnpricedCalls', severity: 'warning', team: 'search', at: '10m' },
    fires: { [calls(`tokenmeter_cost_status="unpriced", ${ROW}`)]: '_x5 1x10' },
    silent: { [calls(`tokenmeter_cost_status="priced", ${ROW}`)]: '_x5 1x10' },
  },
  {
    // Half of yesterday's hit ratio of 80 % is 40 %. Tokens by the thousand.
    ...{ alert: 'TokenmeterCacheHitDrop', severity: 'warning', team: 'search', at: '27h', interval: '10m' },
    fires: cacheReads(38),
    silent: cacheReads(42),
  },
  {
    ...{ alert: 'TokenmeterErrorSpend', severity: 'warning', team: 'search', at: '15m' },
    fires: {
      [cost('tokenmeter_outcome="failed"')]: '_x5 1.2x20',
      [cost('tokenmeter_outcome="completed"')]: '_x5 10x20',
    },
    silent: {
      [cost('tokenmeter_outcome="failed"')]: '_x5 1.1x20',
      [cost('tokenmeter_outcome="completed"')]: '_x5 10x20',
    },
  },
  {
    ...{ alert: 'TokenmeterRetries', severity: 'warning', team: 'search', at: '18m' },
    fires: { [calls(ROW)]: '_x5 100x20', [`tokenmeter_attempts_total${chat(ROW)}`]: '_x5 151x20' },
    silent: { [calls(ROW)]: '_x5 100x20', [`tokenmeter_attempts_total${chat(ROW)}`]: '_x5 150x20' },
  },
  {
    // promtool's clock begins at 0, so the date of the book lies before 1970.
    ...{ alert: 'TokenmeterPriceBookStale', severity: 'warning', team: 'platform', at: '2h', interval: '10m' },
    fires: { 'tokenmeter_price_book_timestamp_seconds{tokenmeter_price_version="v"}': `${-45 * 86_400}x20` },
    silent: { 'tokenmeter_price_book_timestamp_seconds{tokenmeter_price_version="v"}': `${-44 * 86_400}x20` },
  },
  {
    ...{ alert: 'TokenmeterNoData', severity: 'warning', team: 'platform', at: '35m' },
    fires: { [calls(ROW)]: '1x3' },
    silent: { [calls(ROW)]: '1x40' },
  },
  {
    ...{ alert: 'TokenmeterCollectorLoss', severity: 'critical', team: 'platform', at: '10m' },
    fires: { 'otelcol_exporter_send_failed_spans_total{exporter="otlp_grpc", job="otelcol"}': '_x5 1x10' },
    silent: { 'otelcol_exporter_send_failed_spans_total{exporter="otlp_grpc", job="otelcol"}': '_x5 0x10' },
  },
  {
    ...{ alert: 'TokenmeterRuleFailures', severity: 'critical', team: 'platform', at: '10m' },
    fires: ruleFailures('0x6 1x10'),
    silent: ruleFailures('0x6 0x10'),
  },
  {
    ...{ alert: 'TokenmeterAttributesCapped', severity: 'info', team: 'platform', at: '10m' },
    fires: { 'tokenmeter_attributes_capped_total{tokenmeter_attribute="gen_ai.request.model"}': '_x5 1x10' },
    silent: { 'tokenmeter_attributes_capped_total{tokenmeter_attribute="gen_ai.request.model"}': '_x5 0x10' },
  },
];

function cacheReads(percentToday: number): Series {
  const tokens = (type: string): string =>
    `tokenmeter_tokens_total${chat(`tokenmeter_token_type="${type}", gen_ai_provider_name="anthropic"`)}`;
  const day = 144;
  const series = (yesterday: number, today: number): string =>
    `_x2 0+${yesterday}x${day} ${yesterday * day + today}+${today}x30`;
  return {
    [tokens('cache_read')]: series(80_000, percentToday * 1000),
    [tokens('input')]: series(20_000, (100 - percentToday) * 1000),
  };
}

function ruleFailures(values: string): Series {
  const group = 'rule_group="/etc/prometheus/tokenmeter.rules.yml;tokenmeter-money"';
  return {
    [`prometheus_rule_evaluation_failures_total{${group}}`]: values,
    [`prometheus_rule_group_iterations_missed_total{${group}}`]: '0x20',
  };
}

function testsOf(one: Case): readonly RuleTest[] {
  const { alert, severity, team, at, interval } = one;
  const expr = `count by (severity, team) (ALERTS{alertname="${alert}", alertstate="firing"})`;
  return [
    {
      name: 'fires',
      series: one.fires,
      interval,
      expect: [{ expr, at, is: { [`{severity="${severity}", team="${team}"}`]: 1 } }],
    },
    { name: 'is silent', series: one.silent, interval, expect: [{ expr, at, is: {} }] },
  ];
}

test('every alert has a case; the watchdog always fires', () => {
  expect(new Set([...CASES.map((one) => one.alert), 'TokenmeterWatchdog'])).toEqual(
    new Set(ALL_ALERTS.map((alert) => alert.name)),
  );
});

describe.each(GENERATIONS)('%s', (generation) => {
  test.each(CASES)('$alert', (one) => {
    expect(promtool(generation, MODEL, testsOf(one))).toBe('');
  });

  test('two replicas on one store are one, two stores are two', () => {
    const spent = (store: string, instance: string): string =>
      budgetGauge('tokenmeter_budget_spent_usd', store, instance);
    const series = {
      [AMOUNT]: '10x9',
      [spent('s', 'a')]: '3x9',
      [spent('s', 'b')]: '4x9',
      [spent('other', 'a')]: '2x9',
    };
    const labels =
      '{tokenmeter_budget_name="tenants", tokenmeter_budget_window="month", tokenmeter_budget_scope="acme"}';
    const is = { [`tokenmeter:budget_spent_usd${labels}`]: 6 };
    const expect_ = [{ expr: 'tokenmeter:budget_spent_usd', at: '5m', is }];
    expect(promtool(generation, DEFAULT_MODEL, [{ name: 'stores', series, expect: expect_ }])).toBe('');
  });

  test('the watchdog fires', () => {
    const expr = 'count(ALERTS{alertname="TokenmeterWatchdog", alertstate="firing"})';
    const one: RuleTest = { name: 'watchdog', series: {}, expect: [{ expr, at: '1m', is: { '{}': 1 } }] };
    expect(promtool(generation, DEFAULT_MODEL, [one])).toBe('');
  });
});
