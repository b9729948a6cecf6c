/** A small app in a process of its own, with and without us, against a fake provider of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startFakeProvider } from '@tokenmeter/fake-provider';
import type { ModuleSystem } from './projects.ts';
import { type RecordedCalls, readRecorded } from './recorded.ts';

const REGISTER = fileURLToPath(new URL('../../../tokenmeter/dist/register.cjs', import.meta.url));

export interface App {
  /** Below `sdks/`. */
  readonly folder: string;
  readonly system: ModuleSystem;
  /** What it loads, in this order. A package with both kinds of modules names them `x.js` and `x.mjs`. */
  readonly modules: readonly string[];
  /** Source of a function of these modules; the provider's address is in `BASE_URL`. What it logs is its transcript. */
  readonly source: string;
}

interface AppRun extends RecordedCalls {
  readonly transcript: unknown;
}

/** Runs the app twice; both runs have to print JSON. */
export async function runApp(app: App): Promise<{ readonly without: AppRun; readonly withIt: AppRun }> {
  const [without, withIt] = await Promise.all([run(app, []), run(app, ['--require', REGISTER])]);
  return { without, withIt };
}

async function run(app: App, args: readonly string[]): Promise<AppRun> {
  const provider = await startFakeProvider();
  const cwd = await mkdtemp(join(tmpdir(), 'tokenmeter-app-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...args, '-e', program(app)], {
      cwd,
      env: { PATH: process.env.PATH, TOKENMETER_LEDGER: '1', BASE_URL: provider.url },
    });
    return { transcript: JSON.parse(stdout), ...(await readRecorded(cwd)) };
  } finally {
    await provider.close();
    await rm(cwd, { recursive: true, force: true });
  }
}

function program({ folder, system, modules, source }: App): string {
  const project = fileURLToPath(new URL(`../../sdks/${folder}/package.json`, import.meta.url));
  const load =
    system === 'cjs'
      ? '(name) => require(path(name))'
      : `(name) => import(require('node:url').pathToFileURL(path(name).replace(/\\.js$/, '.mjs')))`;
  return `
    const path = (name) => require('node:module').createRequire(${JSON.stringify(project)}).resolve(name);
    Promise.all(${JSON.stringify(modules)}.map(${load})).then((modules) => (${source})(...modules));`;
}
