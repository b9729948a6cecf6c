/**
 * Loads OpenTelemetry packages when they are needed and not before. The app's own copy comes first: it fits the app's
 * `@opentelemetry/api`. Ours, which npm may have nested in another line than the app's, comes second.
 */
import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export class MissingPackage extends Error {
  override readonly name: string = 'MissingPackage';
}

/** A package, and the means to load what stands beside it: an SDK's own exporters and resources. */
export interface Loaded<T> {
  readonly module: T;
  readonly beside: (name: string) => unknown;
}

/**
 * @param appFolders where the app's modules are looked for, in this order
 * @throws MissingPackage with the reason, when no copy can be loaded
 */
export function load<T>(name: string, appFolders: readonly string[]): Loaded<T> {
  let reason: unknown;
  for (const from of [...appFolders.map((folder) => join(folder, 'package.json')), import.meta.url]) {
    const require = createRequire(from);
    try {
      const module = require(name) as T;
      return { module, beside: createRequire(require.resolve(name)) };
    } catch (error) {
      // What our own copy says is what the app's owner can act on, unless it is only that there is none.
      if (reason === undefined || !isNotFound(error)) reason = error;
    }
  }
  throw new MissingPackage(isNotFound(reason) ? `${name} is not installed` : `${name} did not load: ${text(reason)}`);
}

/** The last versions that work with an API before 1.10; SDK packages of the 3.x line need 1.10. */
const LAST_FOR_API_1_9: Readonly<Record<string, string>> = {
  '@opentelemetry/sdk-node': '^0.223.0',
  '@opentelemetry/instrumentation-http': '^0.223.0',
  '@opentelemetry/instrumentation-undici': '^0.33.0',
  '@opentelemetry/instrumentation-express': '^0.71.0',
};

/** The command that installs these packages in versions that fit the app's API. */
export function installLine(names: readonly string[], appFolders: readonly string[]): string {
  const api = versionOf('@opentelemetry/api', appFolders[0] ?? '.');
  const [major = 1, minor = 10] = (api ?? '1.10').split('.').map(Number);
  const old = major === 1 && minor < 10;
  const packages = names.map((name) => (old ? `${name}@${LAST_FOR_API_1_9[name] ?? 'latest'}` : name));
  return `npm install ${[...(api === undefined ? ['@opentelemetry/api'] : []), ...packages].join(' ')}`;
}

function versionOf(name: string, folder: string): string | undefined {
  try {
    const path = findPackageJSON(name, pathToFileURL(join(folder, 'package.json')));
    return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as { version?: string }).version;
  } catch {
    return undefined;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
}

function text(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error);
}
