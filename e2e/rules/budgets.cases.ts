/** Budgets with thresholds of their own, of each value of a key, in other zones and windows: who is told, and under which labels. */
import type { MonitoringModel } from '@tokenmeter/monitoring';
import { modelOf } from '../lib/model.ts';
import type { RuleTest } from './promtool.ts';

/** What the rules add up themselves; what processes tell, of tenants that stand on metrics; and of users, who do not. */
export const KINDS: MonitoringModel = {
  ...modelOf({
    features: { chat: { team: 'search' } },
    budgets: [
      { name: 'teams', each: 'team', usd: 24, per: 'day', thresholds: ['12.5%', '90%'] },
      {
        ...{ name: 'berlin', each: 'tenant', usd: 10, per: 'month', timezone: 'Europe/Berlin' },
        ...{ match: { feature: 'chat' }, thresholds: ['120%'] },
      },
      { name: 'users', each: 'user', usd: 10, per: '7d' },
    ],
  }),
  tenantOnMetrics: true,
};

const firing = (labels: Readonly<Record<string, string>>): string => {
  const all = { alertname: 'TokenmeterBudget', alertstate: 'firing', ...labels };
  return `ALERTS{${Object.entries(all).map(([key, value]) => `${key}="${value}"`)}}`;
};
const ALL = 'ALERTS{alertname="TokenmeterBudget", alertstate="firing"}';

const spentBy = (team: string): string =>
  `tokenmeter_cost_usd_total{tokenmeter_feature="f", tokenmeter_team="${team}"}`;
const SUMS = ['5m', '30m', '1h', '6h', '3d'].map((window) => `tokenmeter_budget:cost_usd:sum${window}`);

export const WATCHED: RuleTest = {
  name: 'each team past its own threshold, and none at it',
  // An eighth of 24 is 3, nine tenths are 21.6; past half and past all of it nobody wants to hear.
  series: { [spentBy('search')]: '_x5 3.01x5', [spentBy('data')]: '_x5 3x5', [spentBy('ops')]: '_x5 25x5' },
  expect: [
    {
      ...{ expr: ALL, at: '8m' },
      is: Object.fromEntries(
        [
          ['search', '12.5%'],
          ['ops', '12.5%'],
          ['ops', '90%'],
        ].map(([team = '', threshold = '']) => [
          firing({
            ...{ severity: 'warning', team, tokenmeter_team: team, tokenmeter_budget_threshold: threshold },
            ...{ tokenmeter_budget_name: 'teams', tokenmeter_budget_window: 'day' },
            ...{ tokenmeter_budget_scope_key: 'team', tokenmeter_budget_scope_value: team },
          }),
          1,
        ]),
      ),
    },
    ...SUMS.map((record) => ({ expr: `sum(${record}{tokenmeter_team="ops"})`, at: '8m', is: { '{}': 25 } })),
  ],
};

function gauge(name: string, budget: string, window: string, more: string): string {
  return `tokenmeter_budget_${name}{tokenmeter_budget_name="${budget}", tokenmeter_budget_window="${window}", ${more}}`;
}
const tenant = (value: string, store: string): string =>
  `tokenmeter_budget_scope_value="${value}", tokenmeter_budget_store="${store}"`;

export const TOLD: RuleTest = {
  name: 'a tenant past its own threshold, in two stores, and another at it',
  series: {
    [gauge('usd', 'berlin', 'month', tenant('acme', 's'))]: '10x9',
    [gauge('usd', 'berlin', 'month', tenant('bolt', 's'))]: '10x9',
    [gauge('spent_usd', 'berlin', 'month', tenant('acme', 's'))]: '7x9',
    [gauge('spent_usd', 'berlin', 'month', tenant('acme', 't'))]: '5.01x9',
    [gauge('spent_usd', 'berlin', 'month', tenant('bolt', 's'))]: '12x9',
  },
  expect: [
    {
      ...{ expr: ALL, at: '5m' },
      is: {
        [firing({
          ...{ severity: 'critical', team: 'search', tokenmeter_team: 'search', tokenmeter_feature: 'chat' },
          ...{ tokenmeter_budget_name: 'berlin', tokenmeter_budget_window: 'month' },
          ...{ tokenmeter_budget_scope_key: 'tenant', tokenmeter_budget_scope_value: 'acme' },
          tokenmeter_budget_threshold: '120%',
        })]: 1,
      },
    },
  ],
};

export const HIDDEN: RuleTest = {
  name: 'the user who spent most, of two stores that know different ones',
  series: {
    [gauge('usd', 'users', '7d', 'tokenmeter_budget_store="s"')]: '10x9',
    [gauge('spent_usd', 'users', '7d', 'tokenmeter_budget_store="s"')]: '6x9',
    [gauge('spent_usd', 'users', '7d', 'tokenmeter_budget_store="t"')]: '5x9',
  },
  expect: [
    {
      ...{ expr: ALL, at: '5m' },
      is: {
        [firing({
          ...{ severity: 'warning', team: 'platform', tokenmeter_budget_threshold: '50%' },
          ...{ tokenmeter_budget_name: 'users', tokenmeter_budget_window: '7d', tokenmeter_budget_scope_key: 'user' },
        })]: 1,
      },
    },
  ],
};
