/** `tokenmeter budget status` and `tokenmeter check`: how budgets stand. */
import { inUnit, type Standing, shareOf, spentText, worstOvershoot } from '@tokenmeter/budgets';
import { type Column, NONE, table } from '../format.ts';
import type { Source } from './sources.ts';

export function statusTable(rows: readonly Standing[]): string {
  return table(
    COLUMNS,
    rows.map((row) => [
      row.budget.name,
      scopeText(row),
      row.budget.window.label,
      spentText(row),
      row.spent === undefined ? NONE : `${(shareOf(row) * 100).toFixed(1)}%`,
      stateText(row),
      row.resetsAt === undefined ? NONE : new Date(row.resetsAt).toISOString().slice(0, 16).concat('Z'),
      row.budget.enforce,
      coverageText(row),
    ]),
  );
}

const COLUMNS: readonly Column[] = [
  { title: 'Budget' },
  { title: 'Scope' },
  { title: 'Per' },
  { title: 'Spent', right: true },
  { title: 'Share', right: true },
  { title: 'State' },
  { title: 'Resets' },
  { title: 'Enforced' },
  { title: 'Not counted' },
];

/** A line for each way in which budgets of the file are enforced. */
export function boundsText(rows: readonly Standing[], { kind }: Source): string {
  const lines = new Set<string>();
  for (const { budget } of rows) {
    const hold = budget.enforce === 'reserve' ? `, hold ${budget.hold}` : '';
    const per = budget.window.kind === 'call' && budget.enforce !== 'observe' ? ', per call' : '';
    lines.add(`  ${budget.enforce}${hold}${per}: ${worstOvershoot(budget, kind === 'redis')}`);
  }
  return `Worst overshoot:\n${[...lines].join('\n')}\n`;
}

export function statusDocument({ name, kind }: Source, rows: readonly Standing[], now: number): object {
  return {
    schema: 'tokenmeter.budgets/v1',
    at: new Date(now).toISOString(),
    source: { kind, name },
    budgets: rows.map(({ budget, environment, value, spent, state, resetsAt, coverage }) => ({
      budget: budget.name,
      environment: environment ?? null,
      scope: budget.each === undefined ? null : { key: budget.each, value: value ?? null },
      window: budget.window.label,
      unit: budget.measure,
      amount: inUnit(budget, budget.amount),
      spent: spent === undefined ? null : inUnit(budget, spent),
      state: spent === undefined ? null : (state ?? 'OK'),
      resets_at: resetsAt === undefined ? null : new Date(resetsAt).toISOString(),
      calls_by_status: coverage,
      enforce: budget.enforce,
      worst_overshoot: worstOvershoot(budget, kind === 'redis'),
      owner: budget.owner ?? null,
    })),
  };
}

export function scopeText({ budget, environment, value }: Standing): string {
  const scope = budget.each === undefined ? 'all' : `${budget.each}=${value ?? '*'}`;
  const match = Object.entries(budget.match).map(([key, values]) => `${key}=${values.join('|')}`);
  const parts = [...match, ...(budget.each === undefined && match.length > 0 ? [] : [scope])];
  return environment === undefined ? parts.join(' ') : `${parts.join(' ')} in ${environment}`;
}

function stateText({ budget, spent, state }: Standing): string {
  if (budget.window.kind === 'call' || budget.window.kind === 'request') return 'not kept';
  return spent === undefined ? 'nothing spent' : (state ?? 'OK');
}

/** Calls whose amount is not known: the spend is at least what it says. */
export function coverageText({ coverage }: Standing): string {
  const parts = [
    coverage.unpriced && `${coverage.unpriced} unpriced`,
    coverage.usage_unknown && `${coverage.usage_unknown} of unknown usage`,
  ].filter(Boolean);
  return parts.length === 0 ? NONE : `+${parts.join(', ')}`;
}
