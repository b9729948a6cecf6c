/** An npm project outside the workspace, with our packages as they would be published. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export const ROOT: string = join(import.meta.dirname, '..', '..', '..');

const PACKAGES = [
  'semconv',
  'pricing',
  'ledger',
  'budgets',
  'fake-provider',
  'instrumentation',
  'monitoring',
  'tokenmeter',
];

export interface PackedProject {
  readonly path: string;
  readonly nodeModules: string;
  readonly tarballs: readonly string[];
  /** Installs more. */
  add(dependencies: readonly string[]): void;
  remove(): void;
}

/** @param dependencies what the app has beside Tokenmeter, as npm is told it */
export function installPacked(dependencies: readonly string[]): PackedProject {
  const path = mkdtempSync(join(tmpdir(), 'tokenmeter-packed-'));
  const packed = join(path, 'packed');
  mkdirSync(packed);
  for (const name of PACKAGES) npm(join(ROOT, 'packages', name), 'pack', '--silent', '--pack-destination', packed);
  const tarballs = readdirSync(packed).map((file) => join(packed, file));
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  // First the app as it was, then Tokenmeter into it.
  const quiet = ['install', '--save-exact', '--no-audit', '--no-fund', '--loglevel=error'];
  npm(path, ...quiet, ...dependencies);
  npm(path, ...quiet, ...tarballs);
  return {
    path,
    nodeModules: join(path, 'node_modules'),
    tarballs,
    add: (more) => npm(path, ...quiet, ...more),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** npm, run by the Node that runs this test. */
function npm(cwd: string, ...args: string[]): void {
  const env = { ...process.env, PATH: dirname(process.execPath) + delimiter + process.env.PATH };
  const done = spawnSync('npm', args, { cwd, env, encoding: 'utf8', shell: process.platform === 'win32' });
  if (done.status !== 0) throw new Error(`npm ${args[0]} failed: ${done.stderr}${done.stdout}`);
}
