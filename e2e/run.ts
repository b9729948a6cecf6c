/**
 * `npm run e2e`: the scenarios, with vitest. Where a program is missing it says which and how to get it, and exits with 3
 * before any test runs: a scenario that was not run must not look like one that passed.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { find, howToGet, PROGRAMS } from './programs/table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = fileURLToPath(new URL('../.cache/e2e.json', import.meta.url));
rmSync(report, { force: true });

const missing = PROGRAMS.filter((program) => find(program) === undefined);
for (const program of missing) console.error(`${program.name} is missing. To get it: ${howToGet(program)}.`);
if (missing.length > 0) process.exit(3);

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const args = [vitest, 'run', '--config', 'e2e/vitest.config.ts', ...reporters, ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1);
