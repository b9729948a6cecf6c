/** An alert as log lines: `BUDGET OVER | budget=… window=… spent=… …`, one per edge, in one format for `grep`. */
import { percent } from '../identity.ts';
import type { Alert, BudgetEdge } from '../types.ts';
import { contributorName, coverage, instant, numbers } from '../words.ts';
import { isDigest } from './text.ts';

export function logLines(alert: Alert): readonly string[] {
  const { edges, total, again } = alert;
  // A digest is one line: its worst call, and how many more there were.
  const shown = isDigest(alert) ? [edges[0]] : edges;
  return shown.map((edge) => logLine(edge, { again, more: total - shown.length }));
}

function logLine(edge: BudgetEdge, { again, more }: { readonly again: boolean; readonly more: number }): string {
  const { identity, state, threshold, window, unit, top, owner, traceId, note } = edge;
  const { spent, amount } = numbers(edge);
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['budget', identity.budget],
    [identity.scope?.key ?? 'scope', identity.scope?.value],
    ['environment', identity.environment],
    ['window', identity.window],
    ['spent', spent],
    ['of', amount],
    ['unit', unit === 'usd' ? undefined : unit],
    ['threshold', percent(threshold)],
    ['coverage', coverage(edge)],
    ['resets', instant(window.resetsAt)],
    ['top', top[0] && contributorName(top[0])],
    ['feature', identity.feature],
    ['team', identity.team],
    ['owner', owner],
    ['trace', traceId],
    ['more', more > 0 ? String(more) : undefined],
    ['again', again ? 'true' : undefined],
    ['note', note],
  ];
  const text = pairs
    .filter((pair): pair is readonly [string, string] => Boolean(pair[1]))
    .map(([key, value]) => `${key}=${quoted(value)}`);
  return `BUDGET ${state} | ${text.join(' ')}`;
}

/** A value with spaces, quotes or line breaks is quoted: it can neither run into the next one nor forge a line. */
export function quoted(value: string): string {
  return /^[\w$%.,:;/+@#~*{}-]+$/.test(value) ? value : JSON.stringify(value);
}
