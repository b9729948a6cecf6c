/** `docs/compatibility.md` from what the cells showed. A cell that does not hold says how many calls were counted. */
import type { Outcome } from './cell.ts';

export interface Section {
  readonly table: string;
  /** Heads of the columns that name a row. */
  readonly heads: readonly string[];
  /** What the reader has to know to read it. */
  readonly text: string;
}

const INTRODUCTION = `# Compatibility

What was tried, and counted each call once. \`npm test\` runs all of it and fails where a cell does not hold, or where this
file says something else; \`npm run compatibility\` writes it.

A cell is a child process whose calls were answered by a provider that counts them, too. \`1/1\`: one call was made, and one
was recorded, with the provider's tokens. Columns that are numbers are versions of Node.`;

export function render(sections: readonly Section[], outcomes: readonly Outcome[]): string {
  const parts = sections.map(({ table, heads, text }) => {
    const found = outcomes.filter((outcome) => outcome.table === table);
    return `## ${table}\n\n${text}\n\n${grid(heads, found)}`;
  });
  return `${[INTRODUCTION, ...parts].join('\n\n')}\n`;
}

function grid(heads: readonly string[], outcomes: readonly Outcome[]): string {
  const columns = [...new Set(outcomes.map(({ column }) => column))];
  const rows = [...new Set(outcomes.map(({ row }) => row))];
  const cells = new Map(outcomes.map((outcome) => [`${outcome.row}\n${outcome.column}`, outcome]));
  const lines = rows.map((row) => [row, ...columns.map((column) => shown(cells.get(`${row}\n${column}`)))]);
  return [[...heads, ...columns], [...heads, ...columns].map(() => '---'), ...lines]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}

/** A product of dimensions has no empty cell: where there is one, it was not run. */
function shown(outcome: Outcome | undefined): string {
  if (!outcome) return '**not run**';
  const { counted, calls, complaints } = outcome;
  return complaints.length === 0 ? `${counted}/${calls}` : `**${counted}/${calls}**`;
}
