/**
 * Runs the test suite of a checkout of the openai or anthropic SDK's repository twice, as it is and with the SDK patched,
 * and compares which tests fail. Usage: npm run sdk-suite -- CHECKOUT [PART OF A TEST FILE'S PATH …]
 *
 * The checkout's dependencies must be installed. Tests that need a mock server which is not running fail both times. The
 * exit code is 1 where the two runs differ, or where the patch saw no call at all.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const [given = '.', ...filters] = process.argv.slice(2);
const checkout = resolve(given);

/** How the suite of a repository is run, by the first configuration that it has. `setup` patches the SDK in each test file. */
const RUNNERS = [
  {
    config: 'vitest.config.mts',
    args: ({ report, patched }) => [here('vitest.mjs'), report, patched ? here('setup.mjs') : '', ...filters],
  },
  {
    config: 'jest.config.ts',
    args: ({ checkout, report, patched }) => [
      join(checkout, 'node_modules', 'jest', 'bin', 'jest.js'),
      // The last option takes all arguments that follow it.
      ...filters,
      ...['--json', `--outputFile=${report}`, '--silent', '--maxWorkers=2'],
      ...(patched ? ['--setupFilesAfterEnv', here('setup.cjs')] : []),
    ],
  },
];
const SDKS = ['openai', '@anthropic-ai/sdk'];

const { name, version } = readPackage();
const runner = RUNNERS.find(({ config }) => existsSync(join(checkout, config)));
if (!runner) fail(`${checkout} has none of ${RUNNERS.map(({ config }) => config).join(', ')}.`);
if (!existsSync(join(checkout, 'node_modules'))) {
  fail(`Install its dependencies first, e.g. (cd ${checkout} && npm install --ignore-scripts --legacy-peer-deps).`);
}

const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-sdk-suite-'));
try {
  compare(run('unpatched'), run('patched'));
} finally {
  rmSync(folder, { recursive: true });
}

function readPackage() {
  const file = join(checkout, 'package.json');
  const found = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  if (SDKS.includes(found.name)) return found;
  fail(`${checkout} is no checkout of ${SDKS.join(' or ')}. Usage: npm run sdk-suite -- CHECKOUT`);
}

/** The tests by their names, each with its status, and the calls that the patch saw. */
function run(kind) {
  const report = join(folder, `${kind}.json`);
  const calls = join(folder, `${kind}.calls`);
  const args = runner.args({ checkout, report, patched: kind === 'patched' });
  const started = performance.now();
  const done = spawnSync(process.execPath, args, {
    cwd: checkout,
    env: { ...process.env, CI: 'true', SDK_SUITE_NAME: name, SDK_SUITE_CALLS: calls },
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (!existsSync(report)) fail(`The ${kind} suite did not run:\n${done.stdout}\n${done.stderr}`, 1);
  const tests = testsOf(JSON.parse(readFileSync(report, 'utf8')));
  const seen = existsSync(calls)
    ? readFileSync(calls, 'utf8')
        .split('\n')
        .reduce((sum, line) => sum + Number(line), 0)
    : 0;
  const seconds = Math.round((performance.now() - started) / 1000);
  const count = (status) => [...tests.values()].filter((one) => one === status).length;
  console.log(
    `${kind.padEnd(9)}  ${tests.size} tests: ${count('passed')} passed, ${count('failed')} failed, ` +
      `${tests.size - count('passed') - count('failed')} skipped; ${seen} calls seen; ${seconds} s`,
  );
  return { tests, seen };
}

/** Jest's report, which vitest writes too. A file that cannot be loaded counts as one test. */
function testsOf({ testResults }) {
  const tests = new Map();
  for (const { name: file, status, assertionResults } of testResults) {
    const path = relative(checkout, file);
    if (status === 'failed' && assertionResults.length === 0) tests.set(path, 'failed');
    for (const { fullName, status: ended } of assertionResults) {
      let key = `${path} › ${fullName}`;
      while (tests.has(key)) key += ' (again)';
      tests.set(key, ended);
    }
  }
  return tests;
}

function compare(unpatched, patched) {
  const failing = ({ tests }) => [...tests].filter(([, status]) => status === 'failed').map(([test]) => test);
  const [before, after] = [failing(unpatched), failing(patched)];
  list(
    'fail in both',
    before.filter((test) => after.includes(test)),
  );
  list(
    'fail with the patch only',
    after.filter((test) => !before.includes(test)),
  );
  list(
    'fail without the patch only',
    before.filter((test) => !after.includes(test)),
  );
  const missing = [...unpatched.tests.keys()].filter((test) => !patched.tests.has(test));
  list('did not run with the patch', missing);
  const same = missing.length === 0 && before.length === after.length && before.every((test) => after.includes(test));
  if (patched.seen === 0) console.log('\nThe patch saw no call: nothing is proved.');
  const proved = same && patched.seen > 0;
  console.log(`\n${name} ${version}: ${proved ? 'PASS, the failing sets are equal' : 'MISS'}`);
  if (!proved) process.exitCode = 1;
}

function list(title, tests) {
  if (tests.length > 0) console.log(`\n${tests.length} ${title}:\n${tests.map((test) => `  ${test}`).join('\n')}`);
}

function fail(message, code = 2) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
