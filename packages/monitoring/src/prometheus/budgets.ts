/**
 * Budgets in rules. Amounts and what is spent of them are recorded under one name, whoever knows them:
 *
 * - a budget of a calendar window in UTC that `tokenmeter.yaml` sets: the amount is in the rule, and what is spent is the
 *   feature's sum to date, so that no process has to be alive;
 * - any other (another time zone, a tenant each …): the gauges of the processes. Within a store they agree, so the maximum
 *   counts; different stores add up.
 */
import type { BudgetWindow, MonitoredBudget, MonitoringModel } from '../model.ts';
import { LABEL, list, METRIC } from '../names.ts';
import { type Rule, selector } from './promql.ts';
import { spentIn, toDate } from './windows.ts';

/** Which budget a series is of: the environment belongs to it. */
export const BUDGET_LABELS: readonly string[] = [
  LABEL.environment,
  LABEL.budget,
  LABEL.budgetWindow,
  LABEL.budgetScope,
  LABEL.feature,
  LABEL.team,
];

export const BUDGET = 'tokenmeter:budget_usd';
export const BUDGET_SPENT = 'tokenmeter:budget_spent_usd';
/** Share of a budget that is spent; 1 is all of it. */
export const BUDGET_USED = 'tokenmeter:budget_used:ratio';
/** Hours until a budget is spent at the rate of the last hour, and until its window ends. */
export const HOURS_TO_EXHAUSTION = 'tokenmeter_budget:hours_to_exhaustion';
export const HOURS_LEFT = 'tokenmeter:window_hours_left';

export type BurnWindow = '5m' | '30m' | '1h' | '6h' | '3d';
const BURN_SECONDS: Readonly<Record<BurnWindow, number>> = {
  '5m': 300,
  '30m': 1800,
  '1h': 3600,
  '6h': 21_600,
  '3d': 259_200,
};
const BURN_WINDOWS = Object.keys(BURN_SECONDS) as readonly BurnWindow[];

function budgetSum(window: BurnWindow): string {
  return `tokenmeter_budget:cost_usd:sum${window}`;
}

/** How many times faster than evenly over its window a budget was spent. Only of budgets that the rules know themselves. */
export function burnRate(window: BurnWindow): string {
  return `tokenmeter_budget:burn_rate${window}`;
}

/** The windows that are long enough for a rate to mean something. A month is taken for 30 days. */
const LONG_WINDOWS: Readonly<Partial<Record<BudgetWindow, { readonly seconds: number; readonly hoursLeft: string }>>> =
  {
    day: { seconds: 86_400, hoursLeft: 'vector(24 - (time() % 86400) / 3600)' },
    week: { seconds: 604_800, hoursLeft: 'vector(168 - ((time() + 259200) % 604800) / 3600)' },
    month: {
      seconds: 2_592_000,
      hoursLeft: '24 * (days_in_month() + 1 - day_of_month()) - vector((time() % 86400) / 3600)',
    },
  };

export function budgetRules(model: MonitoringModel): readonly Rule[] {
  const byStore = [...BUDGET_LABELS, LABEL.budgetStore];
  const known = model.budgets.map(({ name }) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  // A budget that is in the rules is not taken from the processes as well.
  const others = known === '' ? '' : `{${LABEL.budget}!~${JSON.stringify(known)}}`;
  return [
    ...model.budgets.flatMap((budget) => ownRules(budget, model)),
    { record: BUDGET, expr: `max by (${list(BUDGET_LABELS)}) (last_over_time(${METRIC.budget}${others}[10m]))` },
    {
      record: BUDGET_SPENT,
      expr: `sum by (${list(BUDGET_LABELS)}) (
  max by (${list(byStore)}) (last_over_time(${METRIC.budgetSpent}${others}[10m]))
)`,
    },
    { record: BUDGET_USED, expr: `${BUDGET_SPENT} / ${BUDGET}` },
    ...(model.budgets.length > 0 ? paceRules() : []),
  ];
}

function ownRules(budget: MonitoredBudget, model: MonitoringModel): readonly Rule[] {
  const { name, usd, feature, window } = budget;
  const team = feature === undefined ? undefined : model.features[feature]?.team;
  const of = feature === undefined ? '' : selector({ [LABEL.feature]: feature });
  const labels = {
    [LABEL.budget]: name,
    [LABEL.budgetWindow]: window,
    ...(feature !== undefined && { [LABEL.feature]: feature }),
    ...(team !== undefined && { [LABEL.team]: team }),
  };
  const spent = (source: string): string => `sum by (${LABEL.environment}) (${source}${of})`;
  const toNow = spent(toDate(window));
  return [
    // Every environment that spends has the whole amount; before anybody has spent, the amount stands alone.
    { record: BUDGET, expr: `(0 * ${toNow} + ${usd}) or (vector(${usd}) unless on () ${toNow})`, labels },
    { record: BUDGET_SPENT, expr: toNow, labels },
    ...BURN_WINDOWS.map((burn): Rule => ({ record: budgetSum(burn), expr: spent(spentIn(burn)), labels })),
  ];
}

function paceRules(): readonly Rule[] {
  const windows = Object.entries(LONG_WINDOWS);
  return [
    ...BURN_WINDOWS.map((burn): Rule => {
      const rates = windows.map(([window, { seconds }]) => {
        const of = selector({ [LABEL.budgetWindow]: window });
        return `${budgetSum(burn)}${of} / (${BUDGET}${of} * ${BURN_SECONDS[burn]} / ${seconds})`;
      });
      return { record: burnRate(burn), expr: rates.join('\nor ') };
    }),
    { record: HOURS_TO_EXHAUSTION, expr: `(${BUDGET} - ${BUDGET_SPENT} > 0) / (${budgetSum('1h')} > 0)` },
    ...windows.map(([window, { hoursLeft }]): Rule => {
      return { record: HOURS_LEFT, expr: hoursLeft, labels: { [LABEL.budgetWindow]: window } };
    }),
  ];
}
