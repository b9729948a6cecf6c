/** What must hold before a book is written. A violation that is meant is accepted in the overlay, with a reason. */
import { implausible, isLeap } from '../src/book/gates.ts';
import type { MergedRow } from './merge.ts';
import { failOn } from './rows.ts';

/** Earlier rates by row id, from the book that is checked in: `input` and `output` of the last period. */
export type Previous = ReadonlyMap<string, { readonly input?: number; readonly output?: number }>;

export function gate(rows: readonly MergedRow[], accepted: ReadonlyMap<string, string>, previous: Previous): void {
  const problems: string[] = [];
  for (const row of rows) {
    const id = `${row.seller}/${row.model}`;
    if (accepted.has(id)) continue;
    const violations = [
      ...priceless(row),
      ...row.periods.flatMap((period) => {
        return [period.rates, ...(period.tiers ?? []).map(([, , rates]) => rates)].flatMap((rates) =>
          implausible(row.model, row.seller, rates),
        );
      }),
    ];
    problems.push(...new Set(violations.map((violation) => `${id}: ${violation}`)));
    problems.push(...changes(id, row, previous));
  }
  const ids = new Set(rows.map((row) => `${row.seller}/${row.model}`));
  for (const id of accepted.keys()) if (!ids.has(id)) problems.push(`accepted ${id}: no such row`);
  failOn(problems, 'gates');
}

function priceless(row: MergedRow): string[] {
  if (row.free || row.unpriced !== undefined) return [];
  if (row.periods.length === 0) return ['no period'];
  const empty = row.periods.some((period) => Object.keys(period.rates).length === 0);
  return empty ? ['an empty price is neither free nor unpriced: classify it'] : [];
}

function changes(id: string, row: MergedRow, previous: Previous): string[] {
  const before = previous.get(id);
  const now = row.periods.at(-1)?.rates;
  if (before === undefined || now === undefined) return [];
  return (['input', 'output'] as const).flatMap((meter) => {
    const [from, to] = [before[meter], now[meter]];
    if (!isLeap(from, to)) return [];
    return [`${id}: ${meter} went from ${from} to ${to}`];
  });
}
