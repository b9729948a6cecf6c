/** The words and numbers of an edge, as people read them. Pure. */
import { COST_STATUSES, formatUsd } from '@tokenmeter/pricing';
import { percent } from './identity.ts';
import type { BudgetEdge, BudgetUnit, Contributor, EdgeState } from './types.ts';

const USD = 1_000_000_000_000n;
const MILLION = 1_000_000n;
const INTEGER = new Intl.NumberFormat('en-US');

/** Cents from a dollar on, else hundredths of them; finer where the crossing would not show otherwise. */
const DECIMALS = [2, 4, 6, 8, 12] as const;

export interface Numbers {
  readonly spent: string;
  readonly amount: string;
  /** Spent beyond the whole amount; absent where it is within. */
  readonly overage?: string;
  /** What was crossed: amount times threshold. */
  readonly crossing: string;
  /** Share of the amount spent, e.g. `106%`; absent for an amount of 0. */
  readonly used?: string;
}

export function numbers(edge: BudgetEdge): Numbers {
  const { amount, spent, unit } = edge;
  const crossing = (amount * BigInt(Math.round(edge.threshold * 1e6))) / MILLION;
  const decimals = decimalsOf(edge, crossing);
  const write = (quantity: bigint): string => quantityText(quantity, unit, decimals);
  return {
    spent: write(spent),
    amount: write(amount),
    crossing: write(crossing),
    ...(spent > amount && { overage: write(spent - amount) }),
    ...(amount > 0n && { used: `${(spent * 100n) / amount}%` }),
  };
}

function decimalsOf({ unit, amount, spent }: BudgetEdge, crossing: bigint): number {
  if (unit !== 'usd') return 0;
  const enough = DECIMALS.filter((decimals) => decimals > 2 || amount >= USD);
  return (
    enough.find((decimals) => spent === crossing || formatUsd(spent, decimals) !== formatUsd(crossing, decimals)) ?? 12
  );
}

function quantityText(quantity: bigint, unit: BudgetUnit, decimals: number): string {
  if (unit !== 'usd') return INTEGER.format(quantity);
  const [whole = '0', fraction] = formatUsd(quantity, decimals).split('.');
  const grouped = whole.startsWith('-')
    ? `-$${INTEGER.format(BigInt(whole.slice(1)))}`
    : `$${INTEGER.format(BigInt(whole))}`;
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `$5.31 of $5.00`, `12,000 of 10,000 tokens`. */
export function spentOf(edge: BudgetEdge): string {
  const { spent, amount } = numbers(edge);
  return `${spent} of ${amount}${edge.unit === 'usd' ? '' : ` ${edge.unit}`}`;
}

/** `per day`, `per call`, `in 5m`. */
export function windowName({ identity, window }: BudgetEdge): string {
  return `${window.kind === 'rolling' ? 'in' : 'per'} ${identity.window}`;
}

/** `tenants`, `tenants (tenant acme)`. */
export function budgetName({ identity: { budget, scope } }: BudgetEdge): string {
  return scope ? `${budget} (${scope.key} ${scope.value})` : budget;
}

const STATE_WORDS: Readonly<Record<EdgeState, string>> = { WARN: 'warning', OVER: 'over', RESET: 'reset' };

export function stateWord(state: EdgeState): string {
  return STATE_WORDS[state];
}

/** What happened, in one line without trimmings. */
export function headline(edge: BudgetEdge, again = false): string {
  const { overage, used } = numbers(edge);
  const is = isPast(edge) ? 'was' : 'is';
  const spent = `${spentOf(edge)} ${windowName(edge)}`;
  const name = `Budget ${budgetName(edge)}`;
  const still = again ? ' still' : '';
  switch (edge.state) {
    case 'OVER':
      return `${name} ${is}${still} over: ${spent}${overage === undefined ? '' : ` (+${overage})`}`;
    case 'WARN':
      return `${name} ${is}${still} past ${percent(edge.threshold)}: ${spent}${used === undefined ? '' : ` (${used})`}`;
    case 'RESET':
      return `${name} is reset: ${spent}`;
  }
}

/** Whether the window was over when it was seen: the call that crossed had started in it, and ended later. */
export function isPast({ state, window: { end }, at }: BudgetEdge): boolean {
  return state !== 'RESET' && end !== undefined && end <= at;
}

/** `2026-11-27 00:00 Europe/Berlin`. */
export function when(time: number, timezone = 'UTC'): string {
  const format = formatter(timezone);
  if (!format || !Number.isFinite(time)) return instant(time) ?? 'unknown';
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute} ${timezone}`;
}

/** ISO 8601 in UTC; undefined for what is no time. */
export function instant(time: number | undefined): string | undefined {
  return time !== undefined && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : undefined;
}

const formatters = new Map<string, Intl.DateTimeFormat | undefined>();

function formatter(timeZone: string): Intl.DateTimeFormat | undefined {
  if (!formatters.has(timeZone)) formatters.set(timeZone, makeFormatter(timeZone));
  return formatters.get(timeZone);
}

function makeFormatter(timeZone: string): Intl.DateTimeFormat | undefined {
  const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-CA', { ...digits, timeZone, hourCycle: 'h23' });
  } catch {
    return undefined;
  }
}

/** Which time the spend is of, and when it is over; absent for a call. */
export function windowSpan({ window }: BudgetEdge): string | undefined {
  const { kind, start, end, timezone } = window;
  if (kind === 'call' || kind === 'request') return undefined;
  return end === undefined ? `since ${when(start, timezone)}` : `${when(start, timezone)} to ${when(end, timezone)}`;
}

/** When the budget resets, and what blocks until then. */
export function resets(edge: BudgetEdge): string | undefined {
  const { window, blocks, state } = edge;
  if (state === 'RESET' || window.resetsAt === undefined) return undefined;
  const at = when(window.resetsAt, window.timezone);
  if (isPast(edge)) return `${at}, before the call that crossed had ended`;
  return blocks && state === 'OVER' ? `${at}; calls are refused until then` : at;
}

/** `118 calls: 112 priced, 4 estimated, 2 unpriced`: what the amount covers. */
export function coverage({ coverage: counts }: BudgetEdge): string {
  const present = COST_STATUSES.map((status) => ({ status, count: counts[status] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
  const calls = present.reduce((sum, { count }) => sum + count, 0);
  if (calls === 0) return 'no calls';
  const parts = present.map(({ status, count }) => `${INTEGER.format(count)} ${status.replace('_', ' ')}`);
  return `${INTEGER.format(calls)} ${calls === 1 ? 'call' : 'calls'}: ${parts.join(', ')}`;
}

/** Calls whose amount is missing from the spend. */
export function uncovered({ coverage: counts }: BudgetEdge): number {
  return (counts.unpriced ?? 0) + (counts.usage_unknown ?? 0);
}

/** `gpt-4o /chat acme $4.02 (76%)` each, shares rounded, dearest first. */
export function contributors(edge: BudgetEdge): readonly string[] {
  return edge.top.map((part) => {
    const share = edge.spent > 0n ? ` (${(part.spent * 200n + edge.spent) / (edge.spent * 2n)}%)` : '';
    return `${contributorName(part)} ${quantityText(part.spent, edge.unit, edge.amount >= USD ? 2 : 4)}${share}`;
  });
}

export function contributorName({ feature, model, route, tenant }: Contributor): string {
  return [feature, model, route, tenant].filter((name) => name !== undefined).join(' ');
}
