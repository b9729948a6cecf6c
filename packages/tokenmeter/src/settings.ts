/**
 * What `tokenmeter.yaml` says, for a process that must run whatever it says: a file with a mistake counts as no file, and
 * is named in one warning.
 */
import { resolve } from 'node:path';
import { LEDGER_DIR } from '@tokenmeter/ledger';
import { bundledBook, createPricer, type Pricer, type PriceSettings, PriceSettingsError } from '@tokenmeter/pricing';
import { ConfigError, EMPTY_CONFIG, type LoadedConfig, loadConfig } from './config/load.ts';
import type { Config } from './config/types.ts';
import type { Environment } from './environment.ts';
import { cachedBook } from './prices/cache.ts';

export interface Settings {
  readonly config: Config;
  /** By the refreshed book where there is a newer one. */
  readonly pricer: Pricer;
  /** The ledger's, absolute. */
  readonly folder: string;
}

export function readSettings(cwd: string, env: Environment, onWarning: (message: string) => void): Settings {
  const { config, file } = read(cwd, env, onWarning);
  const folder = resolve(cwd, config.ledger?.dir ?? LEDGER_DIR);
  const book = cachedBook(folder, bundledBook(), onWarning);
  try {
    // Names of meters are checked there.
    const pricer = createPricer({ ...(config.prices as PriceSettings | undefined), book });
    return { config, folder, pricer };
  } catch (error) {
    if (!(error instanceof PriceSettingsError)) throw error;
    onWarning(`prices of ${file} are ignored, list prices hold: ${error.message}`);
    return { config, folder, pricer: createPricer({ book }) };
  }
}

function read(
  cwd: string,
  env: Environment,
  onWarning: (message: string) => void,
): Pick<LoadedConfig, 'config' | 'file'> {
  try {
    const loaded = loadConfig({ cwd, env });
    for (const message of Object.values(loaded.leftOut)) onWarning(message);
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    onWarning(`tokenmeter.yaml is ignored until it is mended: ${error.messages.join('; ')}`);
    return { config: EMPTY_CONFIG };
  }
}
