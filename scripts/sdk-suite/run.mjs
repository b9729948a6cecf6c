/**
 * Runs the test suite of a checkout of the openai or anthropic SDK's repository twice, as it is and with the SDK patched,
 * and compares which tests fail. Usage: npm run sdk-suite -- CHECKOUT [PART OF A TEST FILE'S PATH …]
 *
 * CHECKOUT may be the folder of a package beside the SDK, as `packages/bedrock-sdk`, too. Its dependencies must be
 * installed. The exit code is 1 where the two runs differ, or where the patch saw no call at all.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const [given = '.', ...filters] = process.argv.slice(2);
const checkout = resolve(given);

/** How the tests are run that a configuration of the repository names. Each writes a report of jest's form. */
const RUNNERS = [
  {
    name: 'vitest',
    config: 'vitest.config.mts',
    args: ({ report, kind, files }) => [here('vitest.mjs'), report, kind, ...files],
  },
  {
    name: 'jest',
    config: 'jest.config.ts',
    args: ({ report, kind, files }) => [
      join(checkout, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...files,
      ...['--json', `--outputFile=${report}`, '--silent', '--maxWorkers=2', '--passWithNoTests'],
      ...(kind === 'patched' ? ['--transform', JSON.stringify({ '^.+\\.(t|j)sx?$': here('jest-transform.cjs') })] : []),
    ],
  },
];
const SDKS = /^(?:openai|@anthropic-ai\/(?:[a-z-]+-)?sdk)$/;

/** Where the generated tests look for the SDK's mock server. */
const MOCK_PORT = 4010;

const { name, version } = readPackage();
const runners = RUNNERS.filter(({ config }) => existsSync(join(checkout, config)));
if (runners.length === 0) fail(`${checkout} has none of ${RUNNERS.map(({ config }) => config).join(', ')}.`);
if (!existsSync(join(checkout, 'node_modules'))) {
  fail(`Install its dependencies first, e.g. (cd ${checkout} && npm install --ignore-scripts --legacy-peer-deps).`);
}

const answers = await answering();
const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-sdk-suite-'));
try {
  const pairs = runners.map((runner) =>
    again(runner, run(runner, 'unpatched', filters), run(runner, 'patched', filters)),
  );
  compare(together(pairs.map(([unpatched]) => unpatched)), together(pairs.map(([, patched]) => patched)));
} finally {
  rmSync(folder, { recursive: true });
  await answers?.terminate();
}

/** Answers the generated tests, unless the SDK's mock server runs. */
async function answering() {
  if (process.env.TEST_API_BASE_URL || (await isListening(MOCK_PORT))) return undefined;
  const worker = new Worker(here('answers.mjs'));
  const [port] = await once(worker, 'message');
  process.env.TEST_API_BASE_URL = `http://127.0.0.1:${port}`;
  return worker;
}

function isListening(port) {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => socket.on('connect', () => resolve(true)).on('error', () => resolve(false))).finally(
    () => socket.destroy(),
  );
}

function readPackage() {
  const file = join(checkout, 'package.json');
  const found = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  if (SDKS.test(found.name)) return found;
  fail(`${checkout} is no checkout of an SDK of OpenAI or Anthropic. Usage: npm run sdk-suite -- CHECKOUT`);
}

/** The tests by their names, each with its status, and the calls that the patch saw. */
function run(runner, kind, files) {
  const report = join(folder, 'report.json');
  const calls = join(folder, 'calls');
  for (const file of [report, calls]) rmSync(file, { force: true });
  const started = performance.now();
  const done = spawnSync(process.execPath, runner.args({ report, kind, files }), {
    cwd: checkout,
    env: { ...process.env, CI: 'true', SDK_SUITE_CALLS: calls },
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (!existsSync(report))
    fail(`The ${kind} suite did not run under ${runner.name}:\n${done.stdout}\n${done.stderr}`, 1);
  const tests = testsOf(JSON.parse(readFileSync(report, 'utf8')));
  const seen = existsSync(calls) ? statSync(calls).size : 0;
  const seconds = Math.round((performance.now() - started) / 1000);
  const count = (status) => [...tests.values()].filter((one) => one === status).length;
  console.log(
    `${runner.name.padEnd(6)}  ${kind.padEnd(9)}  ${tests.size} tests: ${count('passed')} passed, ${count('failed')} failed, ` +
      `${tests.size - count('passed') - count('failed')} skipped; ${seen} calls seen; ${seconds} s`,
  );
  return { tests, seen };
}

function together(runs) {
  return {
    tests: new Map(runs.flatMap(({ tests }) => [...tests])),
    seen: runs.reduce((sum, { seen }) => sum + seen, 0),
  };
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

/** Files in which the runs differ run again, once: a test that depends on the machine's speed says nothing of the patch. */
function again(runner, unpatched, patched) {
  const [before, after] = [failing(unpatched), failing(patched)];
  const differing = [...before, ...after].filter((test) => !before.includes(test) || !after.includes(test));
  if (differing.length === 0) return [unpatched, patched];
  const files = [...new Set(differing.map((test) => test.split(' › ', 1)[0]))];
  console.log(`\nThe runs differ in ${files.join(', ')}: once more.`);
  const second = (first, kind) => together([first, run(runner, kind, files)]);
  return [second(unpatched, 'unpatched'), second(patched, 'patched')];
}

function failing({ tests }) {
  return [...tests].filter(([, status]) => status === 'failed').map(([test]) => test);
}

function compare(unpatched, patched) {
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
