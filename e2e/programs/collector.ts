/**
 * The collector, built by OpenTelemetry's own builder from `otelcol/builder-config.yaml`. A build is repeated when that
 * file changes.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailed, has, run } from './run.ts';
import { COLLECTOR_VERSION } from './table.ts';

const CONFIG = fileURLToPath(new URL('../otelcol/builder-config.yaml', import.meta.url));

/** Builds `otelcol` into `folder`. @throws CommandFailed with what to do about it. */
export function buildCollector(folder: string): void {
  if (!has('go')) throw new CommandFailed('go is missing: the collector is built with Go 1.26 or newer');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tools = join(folder, 'tools');
  run('go', ['install', `go.opentelemetry.io/collector/cmd/builder@v${COLLECTOR_VERSION}`], { env: { GOBIN: tools } });
  // The builder writes next to its configuration.
  const config = join(folder, 'builder-config.yaml');
  copyFileSync(CONFIG, config);
  run(join(tools, 'builder'), ['--config', config], { cwd: folder });
  copyFileSync(join(folder, 'build', 'otelcol'), join(folder, 'otelcol'));
  for (const part of ['build', 'tools']) rmSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, '.built-from'), readFileSync(CONFIG));
}

/** Was the collector in `folder` built from the configuration as it is now? */
export function isCurrent(folder: string): boolean {
  const stamp = join(folder, '.built-from');
  return existsSync(stamp) && readFileSync(stamp).equals(readFileSync(CONFIG));
}
