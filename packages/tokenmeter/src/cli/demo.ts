/**
 * `tokenmeter demo`: the fake provider in this process, a small app with five features in a child process, with the real
 * register and a real ledger, then the real report; and beside its total what the fake provider counted itself.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { ensureFolder, LEDGER_DIR, summariseLedger } from '@tokenmeter/ledger';
import { formatUsd } from '@tokenmeter/pricing';
import { Command, InvalidArgumentError } from 'commander';
import { ownSum } from '../demo/own-sum.ts';
import type { RegisterCommand } from './command.ts';
import { CliError, EXIT, type Io } from './io.ts';
import { registerReport } from './report.ts';
import { run } from './run.ts';

const SDKS = ['openai', '@anthropic-ai/sdk'] as const;

/** What befalls the calls of the demo. None of it costs anything, so that the two sums can agree. */
const FAULT_RATES: Readonly<Record<string, number>> = { '429; retry-after=0.01': 0.04, '529': 0.03, '500': 0.02 };

const OVERVIEW = `Five features of a shop call two LLM SDKs; a fake provider on this machine answers. No key, no network.`;

export const registerDemo: RegisterCommand = (program, io, exit) => {
  program
    .command('demo')
    .description('a small app against a fake provider: what Tokenmeter shows, without a key')
    .option('-n, --calls <count>', 'how many calls the app makes', wholeNumber, 60)
    .option('-e, --endpoint <url>', 'send its traces and metrics to an OTLP endpoint as well, e.g. of a collector')
    .action(async ({ calls, endpoint }: DemoOptions) => exit(await demo(calls, endpoint, io)));
};

interface DemoOptions {
  readonly calls: number;
  readonly endpoint?: string;
}

async function demo(calls: number, endpoint: string | undefined, io: Io): Promise<number> {
  const folder = prepareFolder(io);
  io.err(`${OVERVIEW}\nThe app: ${relative(io.cwd, join(folder, 'app.mjs'))}\n\n`);
  const provider = await startFakeProvider({ latencyMs: 5, chunkDelayMs: 1, faultRates: FAULT_RATES });
  try {
    const code = await run([process.execPath, 'app.mjs', String(calls)], {
      cwd: folder,
      env: { ...appEnvironment(provider, io), ...(endpoint !== undefined && telemetry(endpoint)) },
    });
    if (code !== 0) throw new CliError(EXIT.failed, `The demo's app ended with exit code ${code}.`);
    await provider.idle();
    return await showResult(provider, join(folder, LEDGER_DIR), io);
  } finally {
    await provider.close();
  }
}

async function showResult(provider: FakeProvider, dir: string, io: Io): Promise<number> {
  const report = new Command().exitOverride();
  registerReport(report, io, () => {});
  await report.parseAsync(['report', '--since', '1d', '--dir', dir], { from: 'user' });
  const { total } = await summariseLedger({ dir, by: [], since: 0, until: io.now() + 1 });
  const served = provider.served();
  const own = ownSum(served);
  const agree = own === total.cost && served.totals.calls === total.calls;
  io.out(
    `\nThe fake provider served ${served.totals.calls} calls in ${served.totals.attempts} attempts ` +
      `and by its own arithmetic bills $${formatUsd(own)}: ${agree ? 'the same.' : 'NOT the same.'}\n`,
  );
  if (!agree) return EXIT.failed;
  const here = relative(io.cwd, dir);
  io.err(
    `\nNext: tokenmeter calls --dir ${here}                   the dearest calls\n` +
      `      tokenmeter report --by feature,model --dir ${here}\n` +
      '      tokenmeter run -- node app.js             your own app\n',
  );
  return EXIT.ok;
}

/** A fresh `.tokenmeter/demo` with the app and a configuration, where the project's SDKs can be loaded. */
function prepareFolder(io: Io): string {
  const folder = join(io.cwd, LEDGER_DIR, 'demo');
  try {
    ensureFolder(join(io.cwd, LEDGER_DIR));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'app.mjs'), appSource(folder));
    copyFileSync(asset('tokenmeter.yaml'), join(folder, 'tokenmeter.yaml'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(
      EXIT.failed,
      `The demo needs to write to ${folder}: ${reason}. Run it in a folder that is yours.`,
    );
  }
  const missing = SDKS.filter((name) => !resolves(name, folder));
  if (missing.length > 0) {
    throw new CliError(
      EXIT.noAnswer,
      `The demo calls the real SDKs, and ${missing.join(' and ')} cannot be loaded from here. Install: npm install ${missing.join(' ')}`,
    );
  }
  return folder;
}

/** The app's text; where this package is not among the project's own (npx), with the path of this copy. */
function appSource(folder: string): string {
  const source = readFileSync(asset('app.mjs'), 'utf8');
  if (resolves('tokenmeter', folder)) return source;
  const self = new URL('./index.mjs', import.meta.url).href;
  return source.replace(`from 'tokenmeter'`, `from ${JSON.stringify(self)}`);
}

function resolves(name: string, folder: string): boolean {
  try {
    createRequire(join(folder, 'app.mjs')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function asset(name: string): string {
  return fileURLToPath(new URL(`../demo/${name}`, import.meta.url));
}

/** The demo shows the ledger, whatever the reader's own shell is set up for. */
function appEnvironment(provider: FakeProvider, io: Io): Record<string, string | undefined> {
  const foreign = Object.keys(io.env).filter((name) => /^(OTEL|TOKENMETER|OPENAI|ANTHROPIC)_/.test(name));
  return {
    ...Object.fromEntries(foreign.map((name) => [name, undefined])),
    OPENAI_BASE_URL: provider.openaiBaseUrl,
    OPENAI_API_KEY: 'none-needed',
    ANTHROPIC_BASE_URL: provider.anthropicBaseUrl,
    ANTHROPIC_API_KEY: 'none-needed',
    TOKENMETER_SUMMARY: '0',
  };
}

/** A ledger is kept all the same: the report is made of it. */
function telemetry(endpoint: string): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=demo',
    TOKENMETER_LEDGER: '1',
  };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 to 99,999.');
  return Number(text);
}
