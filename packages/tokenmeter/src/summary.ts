/**
 * The summary that a process prints on stderr when it ends: what its calls and those of its children cost, which of them
 * nobody tagged, and what to do next. Like every total it carries its coverage.
 */
import { createRequire } from 'node:module';
import { type CostStatus, formatUsd } from '@tokenmeter/pricing';
import { UNTAGGED } from '@tokenmeter/semconv';
import type TableClass from 'cli-table3';
import type { FeatureTally, TallySnapshot } from './tally.ts';

const MOST_ROWS = 8;
/** $0.0001: what is below would read as nothing. */
const SMALLEST = 100_000_000n;

/**
 * @param tally of the process and its children
 * @param next what the reader may do now, one line each
 * @returns the text, or undefined where there were no calls
 */
export function renderSummary(tally: TallySnapshot, next: readonly string[]): string | undefined {
  const features = [...tally.features].sort((a, b) => Number(BigInt(b.pico) - BigInt(a.pico)) || b.calls - a.calls);
  const calls = total(features, (row) => row.calls);
  if (calls === 0) return undefined;
  // Loaded here: most processes print no summary, and the last moment of one is synchronous.
  const Table = createRequire(import.meta.url)('cli-table3') as typeof TableClass;
  const table = new Table({
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
    colAligns: ['left', 'right', 'right', 'right'],
  });
  for (const row of features.slice(0, MOST_ROWS)) {
    table.push([row.feature, plural(row.calls, 'call'), `${row.input} in / ${row.output} out`, money([row])]);
  }
  const untagged = features.find((row) => row.feature === UNTAGGED)?.calls ?? 0;
  const tagged = features.filter((row) => row.feature !== UNTAGGED).length;
  const lines = [
    '── tokenmeter ──',
    [` ${plural(calls, 'call')}`, money(features), `${plural(tagged, 'feature')}, ${untagged} untagged`].join(' · '),
    ...coverage(features),
    table.toString(),
    ...(features.length > MOST_ROWS ? [` … and ${features.length - MOST_ROWS} more features`] : []),
    ...sites('untagged', tally.untagged),
    ...sites('unpriced', tally.unpriced),
    ...next.map((line) => ` → ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** `$0.0032`, or why there is no amount. A part of the calls without amount is marked with `+`. */
export function money(rows: readonly FeatureTally[]): string {
  const known = count(rows, 'priced') + count(rows, 'free') + count(rows, 'estimated');
  const unknown = count(rows, 'unpriced') + count(rows, 'usage_unknown');
  if (known === 0) return count(rows, 'unpriced') > 0 ? 'not priced' : 'cost unknown';
  const pico = rows.reduce((sum, row) => sum + BigInt(row.pico), 0n);
  const amount = pico > 0n && pico < SMALLEST ? `<$${formatUsd(SMALLEST)}` : `$${formatUsd(pico)}`;
  return `${amount}${unknown > 0 ? '+' : ''}`;
}

function coverage(rows: readonly FeatureTally[]): string[] {
  const remarks: [CostStatus, string][] = [
    ['estimated', 'estimated'],
    ['unpriced', 'unpriced'],
    ['usage_unknown', 'of unknown usage'],
  ];
  const parts = remarks.flatMap(([status, words]) => {
    const calls = count(rows, status);
    return calls > 0 ? [`${calls} ${words}`] : [];
  });
  return parts.length > 0
    ? [
        ` coverage: ${parts.join(', ')} of ${plural(
          total(rows, (row) => row.calls),
          'call',
        )}`,
      ]
    : [];
}

function sites(word: string, counts: Readonly<Record<string, number>>): string[] {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return sorted.slice(0, 3).map(([place, calls]) => ` ${word}: ${place} (${calls})`);
}

function count(rows: readonly FeatureTally[], status: CostStatus): number {
  return total(rows, (row) => row.statuses[status] ?? 0);
}

function total(rows: readonly FeatureTally[], of: (row: FeatureTally) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0);
}

function plural(amount: number, word: string): string {
  return `${amount} ${word}${amount === 1 ? '' : 's'}`;
}

const BORDERLESS: Readonly<Record<string, string>> = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, '']),
);
