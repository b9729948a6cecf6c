/**
 * Scores the engine, with the readers of usage, on a file of cases: `npm run score -- FILE`.
 *
 * Two kinds of file: priced cases (`usage` or a provider's `raw` body, and the expected amount) and matching cases
 * (provider, model, expected row). Prints agreement by kind and provider, and each disagreement with what the engine did.
 * Exit code 1 if there is one, 2 for a file that cannot be read.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readOverlay } from './overlay.ts';
import { type MatchingCase, scoreMatching } from './score/matching.ts';
import { type PriceCase, scorePrices } from './score/prices.ts';

const [file] = process.argv.slice(2);
if (file === undefined) stop('Usage: npm run score -- FILE');

let content: { readonly cases?: unknown };
try {
  // npm changes the directory before it starts a script; the path is the caller's.
  content = JSON.parse(readFileSync(resolve(process.env.INIT_CWD ?? '.', file), 'utf8'));
} catch (error) {
  stop(`${file}: ${error instanceof Error ? error.message : String(error)}`);
}
const cases = content.cases;
if (!Array.isArray(cases) || cases.length === 0) stop(`${file}: no "cases"`);

const overlay = readOverlay(join(import.meta.dirname, '../overlay'));
const disputed = new Map(
  overlay.rows.flatMap((row) => (row.disputes === undefined ? [] : [[`${row.seller}/${row.model}`, row.disputes]])),
);
const priced = 'usage' in cases[0];
const { lines, disagreements } = priced
  ? scorePrices(cases as PriceCase[], disputed)
  : scoreMatching(cases as MatchingCase[]);
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = disagreements > 0 ? 1 : 0;

function stop(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
