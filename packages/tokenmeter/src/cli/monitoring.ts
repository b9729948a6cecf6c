/**
 * `tokenmeter monitoring generate`: what a team copies into its monitoring, made of the contract and of what
 * `tokenmeter.yaml` says of features, budgets and prices.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { createPricer, type PriceSettings, PriceSettingsError } from '@tokenmeter/pricing';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/types.ts';
import type { RegisterCommand } from './command.ts';
import { CliError, EXIT, type Io } from './io.ts';

export const registerMonitoring: RegisterCommand = (program, io) => {
  const monitoring = program
    .command('monitoring')
    .description('what your collector, Prometheus and Alertmanager need to know about LLM cost');
  monitoring
    .command('generate')
    .description('write the collector configuration and the Prometheus rules, from tokenmeter.yaml')
    .option('-o, --out <folder>', 'where to', 'monitoring')
    .option('-c, --config <file>', 'this tokenmeter.yaml, and no search for one')
    .action(async ({ out, config }: { out: string; config?: string }) => generate(out, config, io));
};

async function generate(out: string, file: string | undefined, io: Io): Promise<void> {
  const { config, file: found } = loadConfig({ cwd: io.cwd, env: io.env, file });
  const prices = pricesOf(config, found);
  // Only this command needs it.
  const { DEFAULT_MODEL, generateFiles } = await import('@tokenmeter/monitoring');
  const files = generateFiles({
    ...DEFAULT_MODEL,
    features: config.features,
    budgets: config.budgets,
    prices,
    tenantOnMetrics: config.tenants?.onMetrics === true,
  });
  const folder = resolve(io.cwd, out);
  for (const [path, text] of files) write(join(folder, path), text);
  io.out([...files.keys()].map((path) => `${relative(io.cwd, join(folder, path))}\n`).join(''));
  io.err(
    found === undefined ? 'No tokenmeter.yaml: list prices, and no feature is known beforehand.\n' : `From ${found}\n`,
  );
}

/** Checked here, where the file can be named. */
function pricesOf(config: Config, file: string | undefined): PriceSettings {
  const prices = (config.prices ?? {}) as PriceSettings;
  try {
    createPricer(prices);
    return prices;
  } catch (error) {
    if (error instanceof PriceSettingsError) throw new CliError(EXIT.usage, `${file}: ${error.message}`);
    throw error;
  }
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.failed, `${path} cannot be written: ${reason}. Name another folder with --out.`);
  }
}
