/** All benchmarks, or the named ones: npm run bench [-- calls stream heap …] [--rounds=N …] */
import { spawnSync } from 'node:child_process';
import { pathOf } from './lib/projects.mjs';

const SUBJECTS = ['calls', 'stream', 'heap', 'load', 'budgets', 'pricing', 'report', 'collector', 'soak', 'scale'];

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = named.find((name) => !SUBJECTS.includes(name));
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}". There are: ${SUBJECTS.join(', ')}.`);
  process.exit(2);
}

let failed = false;
for (const subject of named.length > 0 ? named : SUBJECTS) {
  console.log(`\n=== ${subject}\n`);
  const done = spawnSync(process.execPath, ['--expose-gc', pathOf(`bench/${subject}.mjs`), ...options], {
    stdio: 'inherit',
  });
  failed ||= done.status !== 0;
}
process.exitCode = failed ? 1 : 0;
