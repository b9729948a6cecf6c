/** The minimal cases of the alerts: one in which each fires, and one just below it. */
import { DEFAULT_MODEL, type MonitoringModel, type RuleGroup } from '@tokenmeter/monitoring';
import { modelOf } from '../lib/model.ts';
import { HIDDEN, KINDS, TOLD, WATCHED } from './budgets.cases.ts';
import { CALL_TOKENS, DURATION, DURATIONS, FIRST_CHUNK, FIRST_CHUNKS, TOKENS_OF_CALLS } from './conventions.cases.ts';
import type { RuleTest, Series } from './promtool.ts';

/** A budget of a month and one of a day, so that there is every kind of rule. */
export const MODEL: MonitoringModel = modelOf({
  features: {
    chat: { team: 'search', budget: { usd: 720, per: 'month' } },
    batch: { team: 'data', budget: { usd: 24, per: 'day' } },
  },
});

export interface Case {
  readonly alert: string;
  readonly severity: string;
  /** Absent on alerts that have the labels of those that processes push. */
  readonly team?: string;
  /** Further labels. */
  readonly more?: Readonly<Record<string, string>>;
  readonly fires: Series;
  readonly silent: Series;
  readonly at: string;
  readonly interval?: string;
}

const chat = (more: string): string => `{tokenmeter_feature="chat", tokenmeter_team="search", ${more}}`;
const cost = (more = 'instance="a"'): string => `tokenmeter_cost_usd_total${chat(more)}`;
const calls = (more: string): string => `tokenmeter_calls_total${chat(more)}`;
export const budgetGauge: (name: string, store: string, instance?: string) => string = (name, store, instance = 'a') =>
  `${name}{tokenmeter_budget_name="tenants", tokenmeter_budget_window="month", tokenmeter_budget_scope_value="acme", tokenmeter_budget_store="${store}", instance="${instance}"}`;
export const AMOUNT: string = budgetGauge('tokenmeter_budget_usd', 's');
const SPENT = budgetGauge('tokenmeter_budget_spent_usd', 's');
const ROW = 'gen_ai_provider_name="openai", gen_ai_request_model="m", instance="a"';

export const CASES: readonly Case[] = [
  ...[50, 80, 100].map((percent) => ({
    ...{ alert: 'TokenmeterBudget', severity: percent < 100 ? 'warning' : 'critical', at: '5m' },
    more: { tokenmeter_budget_threshold: `${percent}%` },
    fires: { [AMOUNT]: '10x10', [SPENT]: `${percent / 10 + 0.01}x10` },
    silent: { [AMOUNT]: '10x10', [SPENT]: `${percent / 10}x10` },
  })),
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
    ...{ alert: 'TokenmeterAlertsFailed', severity: 'warning', team: 'platform', at: '10m' },
    fires: { 'tokenmeter_alerts_failed_total{tokenmeter_alert_channel="slack"}': '_x5 1x10' },
    silent: { 'tokenmeter_alerts_failed_total{tokenmeter_alert_channel="slack"}': '_x5 0x10' },
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

export function testsOf(one: Case): readonly RuleTest[] {
  const { alert, severity, team, more, at, interval } = one;
  const labels = { severity, ...(team !== undefined && { team }), ...more };
  const expr = `count by (${Object.keys(labels).join(', ')}) (ALERTS{alertname="${alert}", alertstate="firing"})`;
  const text = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const others = Object.entries(more ?? {}).map(([key, value]) => `, ${key}="${value}"`);
  const here = expr.replace('alertstate="firing"', `alertstate="firing"${others.join('')}`);
  return [
    { name: 'fires', series: one.fires, interval, expect: [{ expr: here, at, is: { [`{${text.join(', ')}}`]: 1 } }] },
    { name: 'is silent', series: one.silent, interval, expect: [{ expr: here, at, is: {} }] },
  ];
}

/** The rules that an alert or a record is made of, and no others: promtool evaluates every rule at every step. */
export function neededFor(names: readonly string[]): (groups: readonly RuleGroup[]) => readonly RuleGroup[] {
  return (groups) => {
    const rules = groups.flatMap((group) => group.rules);
    const needed = new Set<string>();
    const take = (name: string): void => {
      if (needed.has(name)) return;
      needed.add(name);
      for (const rule of rules) {
        if (('record' in rule ? rule.record : rule.alert) !== name) continue;
        for (const other of rules) {
          if ('record' in other && new RegExp(`(?<![\\w:])${other.record}(?![\\w:])`).test(rule.expr))
            take(other.record);
        }
      }
    };
    for (const name of names) take(name);
    return groups
      .map((group) => ({
        ...group,
        rules: group.rules.filter((rule) => needed.has('record' in rule ? rule.record : rule.alert)),
      }))
      .filter((group) => group.rules.length > 0);
  };
}

export interface RecordCase {
  readonly model: MonitoringModel;
  /** What it is about; only what these need is evaluated. */
  readonly records: readonly string[];
  readonly test: RuleTest;
}

/** Spent evenly: a dollar an hour. */
const CALENDAR: RuleTest = {
  name: 'windows of the calendar begin again',
  interval: '1h',
  series: { 'tokenmeter_cost_usd_total{tokenmeter_feature="a", instance="a"}': '_x2 1+1x800' },
  expect: [
    ['hour', '743h', 1],
    // 1970-01-31 23:00, a Saturday: the week began on Monday the 26th.
    ['day', '743h', 24],
    ['week', '743h', 144],
    // The first two hours of the month had no counter.
    ['month', '743h', 742],
    ['month', '744h', 1],
    ['month', '750h', 7],
  ].map(([window, at, value]) => ({
    expr: `tokenmeter_feature:cost_usd:${window}_to_date`,
    at: String(at),
    is: { [`tokenmeter_feature:cost_usd:${window}_to_date{tokenmeter_feature="a"}`]: Number(value) },
  })),
};

const WINDOWS = ['5m', '30m', '1h', '6h', '1d', '3d'] as const;
const sumOf = (window: string): string => `tokenmeter_feature:cost_usd:sum${window}`;
const budgetSumOf = (window: string): string => `tokenmeter_budget:cost_usd:sum${window}`;
const batch = 'tokenmeter_feature="batch", tokenmeter_team="data"';
const batchBudget = `${batch}, tokenmeter_budget_name="batch", tokenmeter_budget_window="day"`;

/** Fifty cents each half hour, by two features. 75 hours after 1970 began it is the fourth of January, 03:00. */
const EVENLY: RuleTest = {
  name: 'windows and budgets of a steady spend',
  interval: '30m',
  series: { [cost()]: '_x2 0 0+0.5x160', [`tokenmeter_cost_usd_total{${batch}}`]: '_x2 0 0+0.5x160' },
  expect: [
    ...[0.5, 0.5, 1, 6, 24, 72].map((value, index) => ({
      expr: `${sumOf(WINDOWS[index] ?? '')}{tokenmeter_feature="batch"}`,
      at: '75h',
      is: { [`${sumOf(WINDOWS[index] ?? '')}{${batch}}`]: value },
    })),
    ...(['5m', '30m', '1h', '6h', '3d'] as const).map((window, index) => ({
      expr: `${budgetSumOf(window)}{tokenmeter_feature="batch"}`,
      at: '75h',
      is: { [`${budgetSumOf(window)}{${batchBudget}}`]: [0.5, 0.5, 1, 6, 72][index] ?? 0 },
    })),
    {
      expr: 'tokenmeter_feature:cost_usd:hour_to_date{tokenmeter_feature="batch"}',
      at: '75h30m',
      is: { [`tokenmeter_feature:cost_usd:hour_to_date{${batch}}`]: 1 },
    },
    ...[
      // All but the first hour and a half: 150 half hours, less the three before the counter grew.
      { budget: 'chat', value: 73.5 },
      // Booked when it is seen: the half hour before midnight belongs to the new day.
      { budget: 'batch', value: 3.5 },
    ].map(({ budget, value }) => ({
      expr: `sum(tokenmeter:budget_spent_usd{tokenmeter_budget_name="${budget}"})`,
      at: '75h',
      is: { '{}': value },
    })),
  ],
};

/** 1970-01-31 23:00, a Saturday. */
const HOURS_LEFT: RuleTest = {
  name: 'hours that are left of a window',
  interval: '1h',
  series: {},
  expect: [
    {
      expr: 'tokenmeter:window_hours_left',
      at: '743h',
      is: Object.fromEntries(
        Object.entries({ day: 1, week: 25, month: 1 }).map(([window, hours]) => [
          `tokenmeter:window_hours_left{tokenmeter_budget_window="${window}"}`,
          hours,
        ]),
      ),
    },
  ],
};

const WATCHDOG: RuleTest = {
  name: 'the watchdog always fires',
  series: {},
  expect: [{ expr: 'count(ALERTS{alertname="TokenmeterWatchdog", alertstate="firing"})', at: '1m', is: { '{}': 1 } }],
};

export const RECORDS: readonly RecordCase[] = [
  {
    model: DEFAULT_MODEL,
    records: ['hour', 'day', 'week', 'month'].map((window) => `tokenmeter_feature:cost_usd:${window}_to_date`),
    test: CALENDAR,
  },
  {
    model: MODEL,
    records: [
      ...WINDOWS.map(sumOf),
      ...['5m', '30m', '1h', '6h', '3d'].map(budgetSumOf),
      'tokenmeter:budget_spent_usd',
      'tokenmeter_feature:cost_usd:hour_to_date',
    ],
    test: EVENLY,
  },
  { model: MODEL, records: ['tokenmeter:window_hours_left'], test: HOURS_LEFT },
  { model: DEFAULT_MODEL, records: ['TokenmeterWatchdog'], test: WATCHDOG },
  { model: KINDS, records: ['TokenmeterBudget', ...['5m', '30m', '1h', '6h', '3d'].map(budgetSumOf)], test: WATCHED },
  { model: KINDS, records: ['TokenmeterBudget'], test: TOLD },
  { model: KINDS, records: ['TokenmeterBudget'], test: HIDDEN },
  ...[
    { records: [DURATION], tests: DURATIONS },
    { records: [FIRST_CHUNK], tests: FIRST_CHUNKS },
    { records: [CALL_TOKENS], tests: TOKENS_OF_CALLS },
  ].flatMap(({ records, tests: [test] }) => (test === undefined ? [] : [{ model: DEFAULT_MODEL, records, test }])),
];
