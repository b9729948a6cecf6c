/**
 * `tokenmeter budget backtest`: which edges the budgets of the file would have told, had they been in force, from the
 * ledger. Calls are played in the order of their ends, day by day, through the same evaluation; those of windows that were
 * running when the time in question begins count from the start of their window.
 */
import { type Budget, type BudgetEdge, Engine, liveStart } from '@tokenmeter/budgets';
import type { CallRecord } from '@tokenmeter/ledger';
import { type Column, NONE, table } from '../format.ts';
import type { Io } from '../io.ts';
import { calls } from './sources.ts';

const DAY_MS = 86_400_000;
/** Edges of one budget that are listed. */
const MOST_LISTED = 50;

export interface Backtest {
  readonly edges: readonly BudgetEdge[];
  readonly calls: number;
}

export async function backtest(
  budgets: readonly Budget[],
  { dir, since, until }: { readonly dir: string; readonly since: number; readonly until: number },
  io: Io,
): Promise<Backtest> {
  const edges: BudgetEdge[] = [];
  const first = Math.min(since, ...budgets.map((budget) => liveStart(budget, since) ?? since));
  let now = first;
  let count = 0;
  const engine = new Engine({ budgets, onEdge: (edge) => edges.push(edge), now: () => now });
  for (let day = first; day < until; day += DAY_MS) {
    const played: CallRecord[] = [];
    for await (const call of calls({ dir, since: day, until: Math.min(until, day + DAY_MS) }, io)) played.push(call);
    played.sort((a, b) => endOf(a) - endOf(b));
    for (const call of played) {
      now = Math.max(now, endOf(call));
      engine.tick();
      engine.record(call);
      if (call.startTime >= since) count += 1;
    }
  }
  now = Math.max(now, until);
  engine.tick();
  return { edges: edges.filter(({ at }) => at >= since).toSorted((a, b) => a.at - b.at), calls: count };
}

function endOf({ startTime, duration }: CallRecord): number {
  return startTime + duration;
}

const COLUMNS: readonly Column[] = [
  { title: 'When (UTC)' },
  { title: 'Budget' },
  { title: 'Scope' },
  { title: 'State' },
  { title: 'Spent', right: true },
  { title: 'Amount', right: true },
  { title: 'Per' },
  { title: 'Trace' },
];

export function backtestTable(budgets: readonly Budget[], { edges, calls: count }: Backtest): string {
  const told = edges.filter(({ state }) => state !== 'RESET');
  const rows = told
    .slice(0, MOST_LISTED)
    .map((edge) => [
      new Date(edge.at).toISOString().slice(0, 19).replace('T', ' '),
      edge.identity.budget,
      edge.identity.scope ? `${edge.identity.scope.key}=${edge.identity.scope.value}` : NONE,
      `${edge.state} ${Math.round(edge.threshold * 100)}%`,
      quantity(edge, edge.spent),
      quantity(edge, edge.amount),
      edge.identity.window,
      edge.traceId ?? NONE,
    ]);
  const sums = budgets.map(({ name }) => {
    const own = told.filter(({ identity }) => identity.budget === name);
    const over = own.filter(({ state }) => state === 'OVER').length;
    return `  ${name}: ${own.length === 0 ? 'would have told nothing' : `${own.length} alerts, ${over} of them OVER`}`;
  });
  const list = rows.length === 0 ? '' : `${table(COLUMNS, rows)}\n`;
  const more = told.length > rows.length ? `… and ${told.length - rows.length} more\n` : '';
  return `${list}${more}${count.toLocaleString('en-US')} calls\n${sums.join('\n')}\n`;
}

export function backtestDocument(
  { edges, calls: count }: Backtest,
  { since, until }: { readonly since: number; readonly until: number },
): object {
  return {
    schema: 'tokenmeter.backtest/v1',
    window: { since: new Date(since).toISOString(), until: new Date(until).toISOString() },
    calls: count,
    edges: edges.map(({ at, identity, state, threshold, unit, spent, amount, coverage, traceId }) => ({
      at: new Date(at).toISOString(),
      budget: identity.budget,
      environment: identity.environment ?? null,
      scope: identity.scope ?? null,
      window: identity.window,
      state,
      threshold,
      unit,
      spent: unit === 'usd' ? Number(spent) / 1e12 : Number(spent),
      amount: unit === 'usd' ? Number(amount) / 1e12 : Number(amount),
      calls_by_status: coverage,
      trace_id: traceId ?? null,
    })),
  };
}

function quantity({ unit }: BudgetEdge, value: bigint): string {
  return unit === 'usd' ? `$${(Number(value) / 1e12).toFixed(4)}` : `${Number(value).toLocaleString('en-US')} ${unit}`;
}
