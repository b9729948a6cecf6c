/** What must hold before a book is written. A violation that is meant is accepted in the overlay, with a reason. */
import type { EncodedRates } from '../src/book/encoded.ts';
import type { MergedRow } from './merge.ts';
import { failOn } from './rows.ts';

const MAX_USD = 2000;
const MAX_CHANGE = 3;

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
          check(row, rates),
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

function check(row: MergedRow, rates: EncodedRates): string[] {
  const violations: string[] = [];
  for (const [meter, rate] of Object.entries(rates)) {
    if (!(rate >= 0 && rate <= MAX_USD)) violations.push(`${meter} ${rate} is outside of [0, ${MAX_USD}]`);
  }
  const { input, output, cacheRead, cacheWrite, cacheWrite1h } = rates;
  if (input === undefined) return violations;
  if (output !== undefined && output > 0 && output < input) violations.push(`output ${output} is below input ${input}`);
  if (cacheRead !== undefined && cacheRead > input) violations.push(`cacheRead ${cacheRead} is above input ${input}`);
  if (/claude/.test(row.model) && row.seller !== 'openrouter') {
    if (cacheWrite !== undefined && !near(cacheWrite, input * 1.25))
      violations.push(`cacheWrite ${cacheWrite} is not 1.25 x ${input}`);
    if (cacheWrite1h !== undefined && !near(cacheWrite1h, input * 2))
      violations.push(`cacheWrite1h ${cacheWrite1h} is not 2 x ${input}`);
  }
  return violations;
}

function changes(id: string, row: MergedRow, previous: Previous): string[] {
  const before = previous.get(id);
  const now = row.periods.at(-1)?.rates;
  if (before === undefined || now === undefined) return [];
  return (['input', 'output'] as const).flatMap((meter) => {
    const [from, to] = [before[meter], now[meter]];
    if (!from || !to || Math.max(from / to, to / from) <= MAX_CHANGE) return [];
    return [`${id}: ${meter} went from ${from} to ${to}`];
  });
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 + b * 1e-6;
}
