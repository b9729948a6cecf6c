/** What can be known of the app that this process runs, before it runs. */
import { randomUUID } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ATTR } from '@tokenmeter/semconv';
import type { Config } from './config/types.ts';
import type { Environment } from './environment.ts';

export interface App {
  /** Absolute path of the script; absent for `node -e` and the like. */
  readonly script?: string;
  /** Where the app's modules are looked for: beside its script, then in the working directory. */
  readonly folders: readonly string[];
  /** `service.name` and a `service.instance.id` of this process or thread alone. */
  readonly resource: Readonly<Record<string, string>>;
}

/** The variables of OpenTelemetry win over `tokenmeter.yaml`, and that over the name in the app's package.json. */
export function describeApp(env: Environment, config: Pick<Config, 'service' | 'environment'>): App {
  const script = process.argv[1];
  const folders = script === undefined ? [process.cwd()] : [dirname(realPath(script)), process.cwd()];
  const stated = parseResourceAttributes(env.OTEL_RESOURCE_ATTRIBUTES);
  const name =
    env.OTEL_SERVICE_NAME?.trim() || stated[ATTR.serviceName] || (config.service ?? packageName(folders[0] ?? '.'));
  const environment = env.TOKENMETER_ENVIRONMENT?.trim() || stated[ATTR.environment] || config.environment;
  return {
    script,
    folders,
    resource: {
      ...(name === undefined ? {} : { [ATTR.serviceName]: name }),
      ...(environment === undefined ? {} : { [ATTR.environment]: environment }),
      [ATTR.serviceInstanceId]: randomUUID(),
    },
  };
}

/** `key=value,key=value`, percent-encoded, as the specification defines `OTEL_RESOURCE_ATTRIBUTES`. */
export function parseResourceAttributes(text: string | undefined): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const pair of text?.split(',') ?? []) {
    const at = pair.indexOf('=');
    if (at <= 0) continue;
    try {
      attributes[pair.slice(0, at).trim()] = decodeURIComponent(pair.slice(at + 1).trim());
    } catch {
      // The SDK drops what is not encoded properly, too.
    }
  }
  return attributes;
}

/** The name in the nearest package.json. */
function packageName(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const manifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as { name?: unknown };
      if (typeof manifest.name === 'string') return manifest.name;
    } catch {}
    if (dirname(at) === at) return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
