/** The prices that hold in a folder: the refreshed book where there is a newer one, and the settings of tokenmeter.yaml. */
import { bundledBook, createPricer, type Pricer, type PriceSettings, PriceSettingsError } from '@tokenmeter/pricing';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { cachedBook } from '../../prices/cache.ts';
import { CliError, EXIT, type Io } from '../io.ts';
import { ledgerDir } from '../query.ts';

export interface OpenPrices {
  readonly pricer: Pricer;
  readonly origin: 'bundled' | 'refreshed';
  /** Of the ledger. */
  readonly folder: string;
  readonly config: LoadedConfig['config'];
}

/** Throws a {@link CliError} or a `ConfigError` when the settings are wrong. */
export function openPrices({ dir }: { readonly dir?: string }, io: Io): OpenPrices {
  const { config, locate } = loadConfig({ cwd: io.cwd, env: io.env });
  const folder = ledgerDir(dir, io);
  const refreshed = cachedBook(folder, bundledBook(), (message) => io.err(`warning: ${message}\n`));
  try {
    const pricer = createPricer({ ...(config.prices as PriceSettings | undefined), book: refreshed });
    return { pricer, origin: refreshed === undefined ? 'bundled' : 'refreshed', folder, config };
  } catch (error) {
    if (!(error instanceof PriceSettingsError)) throw error;
    const lines = error.issues.map(({ path, message, hint }) => `${locate(['prices', ...path])}: ${message}. ${hint}`);
    throw new CliError(EXIT.usage, lines.join('\n'));
  }
}

/** `price book 2026-11-22.2af853db (bundled)`, for footers. */
export function bookName({ pricer, origin }: OpenPrices): string {
  return `price book ${pricer.version} (${origin})`;
}

/** An instant of an option. */
export function instantOption(option: string, text: string | undefined, io: Io): number {
  if (text === undefined) return io.now();
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    throw new CliError(EXIT.usage, `${option} ${text} is no time. Use e.g. 2026-11-01 or 2026-11-01T16:00:00Z.`);
  }
  return at;
}

/** USD per unit, without trailing zeros. */
export function usd(value: number | undefined): string {
  return value === undefined ? '─' : `$${value.toLocaleString('en-US', { maximumFractionDigits: 6 })}`;
}
