/**
 * Which copies of which SDKs this process has loaded, and what of them is patched. A package may be here several times:
 * its CommonJS and ES module builds are different classes, and versions may be nested.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../call/guard.ts';
import { FRAMEWORKS } from '../frameworks/index.ts';
import { SDKS } from '../providers/index.ts';
import { shared } from '../state.ts';
import { byName, byShape, type OwnSdk, patchSdk, type Recognise, type SdkDefinition } from './sdk.ts';
import { compareVersions } from './versions.ts';
import { setWarning, warn } from './warning.ts';

export interface PatchedPackage {
  readonly name: string;
  /** Absent where the package could not be read (a bundle, a manual hook). */
  readonly version?: string;
  readonly path?: string;
  /** Whether the version lies in the range that the tests cover. */
  readonly tested: boolean;
  /** The tested range, for messages. */
  readonly range: string;
  /** Names of the patched methods; empty where nothing could be patched. */
  readonly targets: readonly string[];
}

/** Every package that is patched. */
export const KNOWN: readonly (SdkDefinition | OwnSdk)[] = [...SDKS, ...FRAMEWORKS];

interface Registry {
  readonly packages: PatchedPackage[];
  onUntested?: (found: PatchedPackage) => void;
}

const registry: Registry = shared('packages', (): Registry => ({ packages: [] }));

export function patchedPackages(): readonly PatchedPackage[] {
  return registry.packages;
}

/** Where an untested version is told to: a metric, and one line for a person. Default: OpenTelemetry's diagnostic log. */
export function onUntestedPackage(
  onUntested: (found: PatchedPackage) => void,
  onWarning: (message: string) => void,
): void {
  registry.onUntested = onUntested;
  setWarning(onWarning);
}

/** Called by the module hooks when a package's main module has been loaded. Never throws. */
export function packageLoaded(name: string, exported: unknown, basedir: string | undefined): void {
  guard(() => {
    const definition = KNOWN.find((one) => one.name === name);
    if (definition) patch(definition, exported, byNameOrShape, basedir);
  });
}

/** What modules go on with: one may be seen by both hooks, as an ES module that is required. */
const replacements = shared('replacements', () => new WeakSet<object>());

/** What a package's main module goes on with instead of a function of its own. Never throws. */
export function rebound(name: string, method: string, original: unknown): unknown {
  const definition = KNOWN.find((one) => one.name === name);
  if (!definition || !('rebind' in definition) || typeof original !== 'function') return original;
  if (replacements.has(original)) return original;
  const replacement = guard(() => definition.rebind?.(method, original as (...args: unknown[]) => unknown));
  if (!replacement) return original;
  replacements.add(replacement);
  return replacement;
}

/**
 * Patches a class that no hook can see: in a bundle, or loaded before us. `target` is an SDK's client class, its default
 * export or its module. Patching twice changes nothing. An unknown target is left alone, with one warning.
 */
export function instrument(target: unknown): void {
  guard(() => {
    for (const recognise of [byName, byShape])
      for (const definition of KNOWN) if (patch(definition, target, recognise, undefined)) return;
    warn('tokenmeter: instrument() was given something that is no SDK it knows: pass the client class, e.g. OpenAI.');
  });
}

const byNameOrShape: Recognise = (definition, exported) =>
  byName(definition, exported) ?? byShape(definition, exported);

function patch(
  definition: SdkDefinition | OwnSdk,
  exported: unknown,
  recognise: Recognise,
  basedir: string | undefined,
): boolean {
  const targets = patchSdk(definition, exported, recognise);
  if (!targets && basedir === undefined) return false;
  const version = basedir === undefined ? undefined : guard(() => versionIn(basedir));
  const { from, to } = definition.tested;
  const tested = version === undefined || (compareVersions(version, from) >= 0 && compareVersions(version, to) <= 0);
  const found = {
    name: definition.name,
    version,
    path: basedir,
    tested,
    range: `${from} to ${to}`,
    targets: targets ?? [],
  };
  const at = registry.packages.findIndex((other) => other.name === found.name && other.path === found.path);
  const known = registry.packages[at];
  if (!known) registry.packages.push(found);
  else registry.packages[at] = { ...found, targets: [...new Set([...known.targets, ...found.targets])] };
  if (!known && (!tested || !targets)) untested(found);
  return true;
}

function untested(found: PatchedPackage): void {
  guard(() => registry.onUntested?.(found));
  const what =
    found.targets.length === 0 ? 'its calls are not seen' : 'its calls are recorded as far as its methods allow';
  warn(
    `tokenmeter: ${found.name} ${found.version ?? '(unknown version)'} is outside the tested range ${found.range}: ${what}.` +
      ' Look for a newer tokenmeter, and run "tokenmeter doctor" to see what is patched.',
  );
}

function versionIn(basedir: string): string | undefined {
  const manifest: unknown = JSON.parse(readFileSync(join(basedir, 'package.json'), 'utf8'));
  const version = (manifest as { version?: unknown }).version;
  return typeof version === 'string' ? version : undefined;
}
