/**
 * Budgets in rules. Amounts and what is spent of them are recorded under one name, whoever knows them:
 *
 * - what the rules add up themselves (`scopes.ts`): the amount is in the rule, and what is spent is a sum to date, so that no
 *   process has to be alive;
 * - any other (another time zone, a tenant each, the last 24 hours …): the gauges of the processes. Within a store they agree, so
 *   the maximum counts; different stores add up. Of a scope whose values may not go on metrics a gauge is the highest of all
 *   values: these do not add up.
 */
import type { Budget, CalendarUnit } from '@tokenmeter/budgets';
import type { MonitoringModel } from '../model.ts';
import { LABEL, list, METRIC } from '../names.ts';
import { type Rule, selector } from './promql.ts';
import {
  anyOf,
  eachLabel,
  isTold,
  isWatched,
  labelsOf,
  noneOf,
  saysWhose,
  scopeSelector,
  type WatchedBudget,
} from './scopes.ts';
import { spentIn, toDate } from './windows.ts';

export const BUDGET = 'tokenmeter:budget_usd';
export const BUDGET_SPENT = 'tokenmeter:budget_spent_usd';
/** Share of a budget that is spent; 1 is all of it. */
export const BUDGET_USED = 'tokenmeter:budget_used:ratio';
/** Hours until a budget is spent at the rate of the last hour, and until its window ends. */
export const HOURS_TO_EXHAUSTION = 'tokenmeter_budget:hours_to_exhaustion';
export const HOURS_LEFT = 'tokenmeter:window_hours_left';

const NANO_PER_USD = 1e9;

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
const LONG_WINDOWS: Readonly<Partial<Record<CalendarUnit, { readonly seconds: number; readonly hoursLeft: string }>>> =
  {
    day: { seconds: 86_400, hoursLeft: 'vector(24 - (time() % 86400) / 3600)' },
    week: { seconds: 604_800, hoursLeft: 'vector(168 - ((time() + 259200) % 604800) / 3600)' },
    month: {
      seconds: 2_592_000,
      hoursLeft: '24 * (days_in_month() + 1 - day_of_month()) - vector((time() % 86400) / 3600)',
    },
  };

/** Whether there are rules on the pace of a budget. */
export function hasPace({ budgets }: MonitoringModel): boolean {
  return budgets.some(isWatched);
}

export function budgetRules(model: MonitoringModel): readonly Rule[] {
  const told = model.budgets.filter(isTold);
  return [
    ...told.flatMap((budget) => (isWatched(budget) ? watchedRules(budget) : toldRules(budget, model))),
    ...unknownRules(told),
    { record: BUDGET_USED, expr: `${BUDGET_SPENT} / ${BUDGET}` },
    ...(hasPace(model) ? paceRules() : []),
  ];
}

function watchedRules(budget: WatchedBudget): readonly Rule[] {
  const each = eachLabel(budget);
  const { fixed: labels, value } = labelsOf(budget);
  const by = [...new Set([LABEL.environment, ...(each === undefined ? [] : [each])])];
  const of = scopeSelector(budget);
  const spent = (source: string): string => withValue(`sum by (${list(by)}) (${source}${of})`, each, value);
  const usd = budget.amount / NANO_PER_USD;
  const toNow = spent(toDate(budget.window.unit));
  // Every environment that spends has the whole amount; before anybody has spent, the amount stands alone.
  const amount = each === undefined ? `(0 * ${toNow} + ${usd}) or (vector(${usd}) unless on () ${toNow})` : undefined;
  return [
    { record: BUDGET, expr: amount ?? `0 * ${toNow} + ${usd}`, labels },
    { record: BUDGET_SPENT, expr: toNow, labels },
    ...BURN_WINDOWS.map((burn): Rule => ({ record: budgetSum(burn), expr: spent(spentIn(burn)), labels })),
  ];
}

function toldRules(budget: Budget, model: MonitoringModel): readonly Rule[] {
  const { fixed: labels, value } = labelsOf(budget);
  const whose = saysWhose(budget, model);
  const of = `{${LABEL.budget}${anyOf([budget.name])}}`;
  const { amount, spent } = gauges(of, budget.each === undefined || whose);
  const named = (expr: string): string => (whose ? withValue(expr, LABEL.budgetScope, value) : expr);
  return [
    { record: BUDGET, expr: named(amount), labels },
    { record: BUDGET_SPENT, expr: named(spent), labels },
  ];
}

/** Of processes with another `tokenmeter.yaml`: what their gauges say, and no more. */
function unknownRules(known: readonly Budget[]): readonly Rule[] {
  const of = known.length === 0 ? '' : `{${LABEL.budget}${noneOf(known.map(({ name }) => name))}}`;
  const { amount, spent } = gauges(of, true);
  return [
    { record: BUDGET, expr: amount },
    { record: BUDGET_SPENT, expr: spent },
  ];
}

const GAUGE_LABELS: readonly string[] = [LABEL.environment, LABEL.budget, LABEL.budgetWindow, LABEL.budgetScope];

function gauges(of: string, addUp: boolean): { readonly amount: string; readonly spent: string } {
  const max = (gauge: string, by: readonly string[]): string =>
    `max by (${list(by)}) (last_over_time(${gauge}${of}[10m]))`;
  const byStore = max(METRIC.budgetSpent, [...GAUGE_LABELS, LABEL.budgetStore]);
  return {
    amount: max(METRIC.budget, GAUGE_LABELS),
    spent: addUp ? `sum by (${list(GAUGE_LABELS)}) (\n  ${byStore}\n)` : max(METRIC.budgetSpent, GAUGE_LABELS),
  };
}

/** The value of `each` under every label that has it. */
function withValue(series: string, from: string | undefined, labels: readonly string[]): string {
  return labels
    .filter((label) => from !== undefined && label !== from)
    .reduce((inner, label) => `label_replace(${inner}, "${label}", "$1", "${from}", "(.*)")`, series);
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
