/**
 * All benchmarks, or the named ones: npm run bench [-- calls stream heap load budgets pricing report collector soak scale]
 * [--rounds=N …]
 *
 * Goes through all of them, whatever becomes of one, and closes with a table of all goals. Exit code 0: every subject could
 * be measured (a goal of speed that is missed is a result); 1: one was void, failed or took too long.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const SUBJECTS = ['calls', 'stream', 'heap', 'load', 'budgets', 'pricing', 'report', 'collector', 'soak', 'scale'];
/** Several times what the longest takes on a machine that does other work as well. */
const MOST_MINUTES = 60;

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = named.find((name) => !SUBJECTS.includes(name));
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}". There are: ${SUBJECTS.join(', ')}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-bench-'));
const results = (named.length > 0 ? named : SUBJECTS).map(measure);
rmSync(folder, { recursive: true });

console.log('\n=== all goals\n');
table(
  ['subject', 'min', 'goal'],
  results.flatMap(({ subject, minutes, goals }) =>
    goals.map((goal, index) => (index === 0 ? [subject, minutes.toFixed(1), goal] : ['', '', goal])),
  ),
  ['left', 'right', 'left'],
);
const count = (verdict) => results.flatMap(({ goals }) => goals).filter((goal) => goal.startsWith(verdict)).length;
const minutes = results.reduce((sum, result) => sum + result.minutes, 0);
console.log(`\n${count('PASS')} passed, ${count('MISS')} missed, ${count('VOID')} void, ${minutes.toFixed(0)} minutes`);
process.exitCode = results.some(({ failed }) => failed) ? 1 : 0;

function measure(subject) {
  console.log(`\n=== ${subject}\n`);
  const file = join(folder, subject);
  writeFileSync(file, '');
  const begun = performance.now();
  const done = spawnSync(process.execPath, ['--expose-gc', pathOf(`bench/${subject}.mjs`), ...options], {
    stdio: 'inherit',
    env: { ...process.env, BENCH_GOALS: file },
    timeout: MOST_MINUTES * 60_000,
  });
  const goals = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const failed = done.status !== 0;
  if (done.error) goals.push(`VOID  it was ended after ${MOST_MINUTES} minutes`);
  else if (failed && goals.every(isPassed)) goals.push(`VOID  it ended with ${done.status ?? done.signal}, see above`);
  return { subject, minutes: (performance.now() - begun) / 60_000, goals, failed };
}

function isPassed(goal) {
  return goal.startsWith('PASS');
}
