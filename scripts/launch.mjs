#!/usr/bin/env node
/**
 * Starts every command of the repository. It runs on any Node from 20, installs what is missing, builds, and goes on with
 * a Node that is new enough: the machine's own, or the one that npm brought (see `optionalDependencies`), by its
 * explicit path. Usage: node scripts/launch.mjs <command> [arguments for it]
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = [
  'semconv',
  'pricing',
  'ledger',
  'budgets',
  'fake-provider',
  'instrumentation',
  'monitoring',
  'tokenmeter',
];

/** The oldest Node that the build tools accept. Users need 22.15 only. */
const OLDEST = [22, 18];

const commands = {
  build: [build],
  demo: [build, (node, args) => run(node, [join('packages', 'tokenmeter', 'dist', 'cli.mjs'), 'demo', ...args])],
  test: [build, sdks, compat, check, test],
  compatibility: [build, sdks, compat, compatibility],
  check: [build, check],
  example: [build, (node, args) => run(node, [join('examples', exampleOf(args[0]), 'start.mjs')])],
  'monitoring:generate': [build, generateMonitoring],
  'e2e:setup': [(node, args) => run(node, [join('e2e', 'setup.ts'), ...args])],
  e2e: [build, (node, args) => run(node, [join('e2e', 'run.ts'), ...args])],
  bench: [build, sdks, benchProjects, (node, args) => run(node, [join('bench', 'run.mjs'), ...args])],
  score: [(node, args) => run(node, [join('packages', 'pricing', 'scripts', 'score.ts'), ...args.map(fromCaller)])],
  'sdk-suite': [build, sdkSuite],
  format: [(node) => tool(node, '@biomejs/biome', 'bin/biome', ['check', '--write', '.'])],
};

const [name = '', ...rest] = process.argv.slice(2);
const steps = commands[name];
if (!steps) fail(`Unknown command "${name}". It is one of: ${Object.keys(commands).join(', ')}.`);
await install(root);
const node = newEnoughNode();
for (const step of steps) await step(node, rest);

/** `npm ci`, once per content of the lock file. */
async function install(folder) {
  const lock = readFileSync(join(folder, 'package-lock.json'));
  const stamp = join(folder, 'node_modules', '.installed');
  const digest = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const installing = npm
    ? spawn(process.execPath, [npm, ...args], { cwd: folder, stdio: 'inherit' })
    : spawn('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
  const [status] = await once(installing, 'exit');
  if (status !== 0) fail(`npm ci failed in ${folder}. Is the npm registry reachable?`, status ?? 1);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
}

function newEnoughNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath;
  const binary = process.platform === 'win32' ? ['node.exe'] : ['bin', 'node'];
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  for (const folder of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
    const path = join(root, 'node_modules', folder, ...binary);
    if (existsSync(path)) return path;
  }
  fail(
    `Node ${process.versions.node} is too old and npm brought none for ${process.platform}-${process.arch}. ` +
      `Install Node ${OLDEST.join('.')} or newer and run the command again.`,
  );
}

function build(node) {
  for (const name of packages) {
    const folder = join(root, 'packages', name);
    tool(node, 'tsdown', 'dist/run.mjs', [], folder);
  }
}

function check(node) {
  tool(node, '@biomejs/biome', 'bin/biome', ['check', '--error-on-warnings', '.']);
  tool(node, 'typescript', 'bin/tsc', ['-b']);
  tool(node, 'knip', 'bin/knip.js', ['--no-config-hints']);
}

/** The counts go to a file as well, for whoever has to sum up: scripts/count.mjs. */
function test(node, args) {
  const report = join(root, '.cache', 'tests.json');
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  tool(node, 'vitest', 'vitest.mjs', ['run', ...reporters, ...args]);
}

/** The checked-in files are what anybody gets who has no tokenmeter.yaml. */
function generateMonitoring(node) {
  run(node, [join('packages', 'tokenmeter', 'dist', 'cli.mjs'), 'monitoring', 'generate', '--out', '.']);
}

/** The SDK versions that the tests and the soak use: small projects of their own, each with its lock file. */
function sdks() {
  return installAll('packages', 'instrumentation', 'sdks');
}

/** The Nodes, compilers and other people's telemetry that the compatibility tables are about, in projects of the same kind. */
function compat() {
  return installAll('packages', 'tokenmeter', 'compat');
}

/** Writes docs/compatibility.md from a run of all its cells. */
function compatibility(node) {
  process.env.TOKENMETER_WRITE_COMPATIBILITY = '1';
  tool(node, 'vitest', 'vitest.mjs', ['run', join('packages', 'tokenmeter', 'test', 'compat')]);
}

/** The SDKs and peers that the benchmarks compare, in projects of the same kind. */
function benchProjects() {
  return installAll('bench', 'projects');
}

function sdkSuite(node, [checkout = '.', ...filters]) {
  run(node, [join('scripts', 'sdk-suite', 'run.mjs'), fromCaller(checkout), ...filters]);
}

/** A few at once: each waits for the network and the disk in turn. */
async function installAll(...path) {
  const folder = join(root, ...path);
  const waiting = readdirSync(folder).values();
  const work = async () => {
    for (const name of waiting) await install(join(folder, name));
  };
  await Promise.all(Array.from({ length: 3 }, work));
}

function exampleOf(name) {
  const known = readdirSync(join(root, 'examples'));
  if (!known.includes(name)) fail(`Name an example: ${known.join(', ')}.`);
  return name;
}

function tool(node, name, entry, args, cwd = root) {
  run(node, [join(root, 'node_modules', name, entry), ...args], cwd);
}

function run(node, args, cwd = root) {
  const env = { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH };
  const done = spawnSync(node, args, { cwd, env, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/** Commands run at the root; a path is the caller's, and npm keeps that directory in INIT_CWD. */
function fromCaller(path) {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

function fail(message, code = 2) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
