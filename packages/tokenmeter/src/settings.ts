/**
 * What `tokenmeter.yaml` says, for a process that must run whatever it says: a file with a mistake counts as no file, and
 * is named in one warning.
 */
import { createPricer, type Pricer, type PriceSettings, PriceSettingsError } from '@tokenmeter/pricing';
import { ConfigError, EMPTY_CONFIG, type LoadedConfig, loadConfig } from './config/load.ts';
import type { Config } from './config/types.ts';
import type { Environment } from './environment.ts';

export interface Settings {
  readonly config: Config;
  readonly pricer: Pricer;
}

export function readSettings(cwd: string, env: Environment, onWarning: (message: string) => void): Settings {
  const loaded = read(cwd, env, onWarning);
  try {
    // Names of meters are checked there.
    return { config: loaded.config, pricer: createPricer(loaded.config.prices as PriceSettings | undefined) };
  } catch (error) {
    if (!(error instanceof PriceSettingsError)) throw error;
    onWarning(`prices of ${loaded.file} are ignored, list prices hold: ${error.message}`);
    return { config: loaded.config, pricer: createPricer() };
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
