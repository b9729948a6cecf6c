/**
 * Whose money a budget of `tokenmeter.yaml` is about, in the words of rules: which budgets the rules can watch by themselves,
 * and which labels a budget's series have. They are those of the alert that a process pushes, so that two senders make one
 * alert.
 */
import { type Budget, type CalendarUnit, identityAttributes, identityOf, scopeOnMetrics } from '@tokenmeter/budgets';
import { OTHER, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import type { MonitoringModel } from '../model.ts';
import { LABEL, labelOf } from '../names.ts';

/** The scope keys that the sums by feature can tell apart, and their labels. */
const SUMMED: Readonly<Record<string, string>> = {
  environment: LABEL.environment,
  feature: LABEL.feature,
  team: LABEL.team,
};

/** A budget whose money the rules add up themselves: no process has to be alive. */
export interface WatchedBudget extends Budget {
  readonly window: {
    readonly kind: 'calendar';
    readonly label: string;
    readonly unit: CalendarUnit;
  } & Budget['window'];
}

/** Whether the amount is one of USD that a gauge or a sum can be compared with; a call's is over before anybody looks. */
export function isTold({ measure, window }: Budget): boolean {
  return measure === 'usd' && window.kind !== 'call' && window.kind !== 'request';
}

/** In USD, a calendar window in UTC, and of a scope that the sums by feature tell apart. */
export function isWatched(budget: Budget): budget is WatchedBudget {
  const { measure, window, match, each } = budget;
  if (measure !== 'usd' || window.kind !== 'calendar' || window.timezone !== 'UTC') return false;
  if (window.unit === 'week' && window.weekStart !== 1) return false;
  return [...Object.keys(match), ...(each === undefined ? [] : [each])].every((key) => key in SUMMED);
}

/** The label whose values a watched budget goes by, if it is one of `each`. */
export function eachLabel({ each }: Budget): string | undefined {
  return each === undefined ? undefined : SUMMED[each];
}

/** Of all money, the watched budget's: `{…}`, or nothing. */
export function scopeSelector({ match, each }: Budget): string {
  const matchers = Object.entries(match).map(([key, values]) => `${SUMMED[key]}${anyOf(values)}`);
  // What has no value counts for nobody, and what stands under another name for several.
  if (each !== undefined) matchers.push(`${SUMMED[each]}!~"|${OTHER}"`);
  return matchers.length === 0 ? '' : `{${matchers.join(', ')}}`;
}

/** The end of a matcher: one of the values, in each of which a `*` at the end stands for any rest. */
export function anyOf(values: readonly string[]): string {
  const [only, second] = values;
  if (second === undefined && only !== undefined && !only.endsWith('*')) return `=${JSON.stringify(only)}`;
  return `=~${JSON.stringify(values.map((value) => escaped(value).replace(/\\\*$/, '.*')).join('|'))}`;
}

/** The end of a matcher: none of the names. */
export function noneOf(names: readonly string[]): string {
  return `!~${JSON.stringify(names.map(escaped).join('|'))}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Whether the series of a budget of `each` say whose they are. */
export function saysWhose({ each }: Budget, { tenantOnMetrics }: MonitoringModel): boolean {
  return each !== undefined && scopeOnMetrics(each, tenantOnMetrics);
}

/** Stands for any value of `each`. */
const ANY = '*';

export interface ScopeLabels {
  /** On every series of the budget. */
  readonly fixed: Readonly<Record<string, string>>;
  /** Those that have the value of `each`. */
  readonly value: readonly string[];
}

/** The labels of a budget's identity, but for the environment. */
export function labelsOf(budget: Budget): ScopeLabels {
  const { each } = budget;
  const identity = identityOf(budget, undefined, each === undefined ? undefined : ANY, '');
  const labels = Object.entries(identityAttributes(identity)).map(([key, value]) => [labelOf(key), value] as const);
  return {
    fixed: Object.fromEntries(labels.filter(([, value]) => value !== ANY)),
    value: labels.flatMap(([label, value]) => (value === ANY ? [label] : [])),
  };
}

/** The team that is told, where one is known beforehand. */
export function teamOf(budget: Budget): string | undefined {
  return labelsOf(budget).fixed[labelOf(TOKENMETER_ATTR.team)];
}
