/** Keys and labels by which a budget is known outside: the same whichever process or replica writes them. */
import { createHash } from 'node:crypto';
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import type { BudgetEdge, BudgetIdentity } from './types.ts';

/** All values of one budget. */
export function ruleKey({ budget, environment = '', window }: BudgetIdentity): string {
  return JSON.stringify([environment, budget, window]);
}

/** One value of one budget. */
export function identityKey(identity: BudgetIdentity): string {
  const { scope } = identity;
  return scope ? `${ruleKey(identity)}${JSON.stringify([scope.key, scope.value])}` : ruleKey(identity);
}

/** PagerDuty's bound for a `dedup_key`. */
const MOST_KEY_CHARACTERS = 255;

/**
 * Names one alert: budget, scope value, calendar window and threshold. A rolling window has no start that two processes
 * agree on, and calls and requests share one alert: these have none in their key.
 */
export function dedupKey({ identity, window }: BudgetEdge, threshold: number): string {
  const { environment = '', budget, scope } = identity;
  const parts = ['tokenmeter', environment, budget, identity.window];
  if (scope) parts.push(`${scope.key}=${scope.value}`);
  if (window.kind === 'calendar') parts.push(new Date(window.start).toISOString());
  parts.push(percent(threshold));
  const key = parts.map((part) => part.replaceAll('/', '%2F')).join('/');
  if (key.length <= MOST_KEY_CHARACTERS) return key;
  const digest = createHash('sha256').update(key).digest('hex');
  return `${key.slice(0, MOST_KEY_CHARACTERS - digest.length - 1)}/${digest}`;
}

/** The thresholds whose alerts an edge is about. */
export function thresholdsOf({ crossed, threshold }: BudgetEdge): readonly number[] {
  return crossed && crossed.length > 0 ? crossed : [threshold];
}

/** `80%`; a threshold is kept to a millionth. */
export function percent(share: number): string {
  return `${Math.round(share * 1e6) / 1e4}%`;
}

/** The identity under the names of the contract; what is absent is left out. */
export function identityAttributes(identity: BudgetIdentity): Record<string, string> {
  const { budget, environment, window, scope, feature, team } = identity;
  const named: Readonly<Record<string, string | undefined>> = {
    [TOKENMETER_ATTR.budgetName]: budget,
    [TOKENMETER_ATTR.budgetWindow]: window,
    [TOKENMETER_ATTR.budgetScopeKey]: scope?.key,
    [TOKENMETER_ATTR.budgetScopeValue]: scope?.value,
    [TOKENMETER_ATTR.feature]: feature,
    [TOKENMETER_ATTR.team]: team,
    [ATTR.environment]: environment,
  };
  return Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}
