/**
 * Money by feature over windows, and since the start of the hour, day, week and month (UTC).
 *
 * What is spent since the start of a window accumulates: a range over a month would ask for more samples than a query may
 * load, and retention cuts it off silently. It starts again when the number of the window differs from the recorded one,
 * also after an outage over the turn of the month.
 */
import type { CalendarUnit } from '@tokenmeter/budgets';
import { LABEL, list } from '../names.ts';
import { COUNTED } from './increase.ts';
import { previous, type Rule, sumOver, type Window } from './promql.ts';

/** The labels of everything that is recorded by feature. */
export const FEATURE_LABELS: readonly string[] = [LABEL.environment, LABEL.feature, LABEL.team];

/** What a feature spent in the last interval. */
export const FEATURE_INCREASE = 'tokenmeter_feature:cost_usd:increase';

/** Number of the calendar window that it is, by Unix time: days and weeks (from Monday) never have the same twice. */
const NUMBER: Readonly<Record<CalendarUnit, string>> = {
  hour: 'floor(vector(time() / 3600))',
  day: 'floor(vector(time() / 86400))',
  week: 'floor(vector((time() + 259200) / 604800))',
  month: '12 * year() + month()',
};

const CALENDAR = Object.keys(NUMBER) as readonly CalendarUnit[];

/** What a feature has spent since the window began. */
export function toDate(window: CalendarUnit): string {
  return `tokenmeter_feature:cost_usd:${window}_to_date`;
}

function numberOf(window: CalendarUnit): string {
  return `tokenmeter:${window}`;
}

/** What a feature has spent in the last so-and-so long. */
export function spentIn(window: Window): string {
  return `tokenmeter_feature:cost_usd:sum${window}`;
}

/** For the group of the increases, behind them: each increase must be added exactly once. */
export function toDateRules(): readonly Rule[] {
  const rules = CALENDAR.map((window): Rule => {
    const before = `(${previous(toDate(window))} and on () (${previous(numberOf(window))} == ${NUMBER[window]}))`;
    return {
      record: toDate(window),
      expr: `(${FEATURE_INCREASE} + ${before})
or ${FEATURE_INCREASE}
or ${before}`,
    };
  });
  const numbers = CALENDAR.map((window): Rule => ({ record: numberOf(window), expr: NUMBER[window] }));
  return [
    { record: FEATURE_INCREASE, expr: `sum by (${list(FEATURE_LABELS)}) (${COUNTED.cost.increase})` },
    ...rules,
    ...numbers,
  ];
}

/** The names whose sparse memory these rules need. */
export const REMEMBERED_WINDOWS: readonly string[] = CALENDAR.flatMap((window) => [toDate(window), numberOf(window)]);

/** Windows that are read every minute; the long ones change slowly and are dear to sum up. */
const SHORT: readonly Window[] = ['5m', '30m', '1h'];
const LONG: readonly Window[] = ['6h', '1d', '3d'];

export function shortWindowRules(): readonly Rule[] {
  return SHORT.map((window) => ({ record: spentIn(window), expr: sumOver(FEATURE_INCREASE, window) }));
}

export function longWindowRules(): readonly Rule[] {
  return LONG.map((window) => ({ record: spentIn(window), expr: sumOver(FEATURE_INCREASE, window) }));
}
