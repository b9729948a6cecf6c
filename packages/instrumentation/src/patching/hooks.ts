/**
 * Sees SDKs being loaded, in both module systems. `require` goes through require-in-the-middle; `import` needs a loader,
 * which Node runs in the app's thread where it can (22.22.3, 24.11.1, 25.1, 26 and later) and else in one of its own.
 * Only the packages that we patch pass through it: hooking all modules has broken unrelated imports in other tools.
 */
import * as module from 'node:module';
import { Hook as ImportHook } from 'import-in-the-middle';
import { Hook as RequireHook } from 'require-in-the-middle';
import { guard } from '../call/guard.ts';
import { SDKS } from '../providers/index.ts';
import { shared } from '../state.ts';
import { packageLoaded } from './packages.ts';

interface SyncHooks {
  supportsSyncHooks(): boolean;
  register(options: { include: readonly string[] }): void;
}

const installed: { done: boolean } = shared('hooks', () => ({ done: false }));

/** Installs the hooks, once per process. */
export function installHooks(): void {
  if (installed.done) return;
  installed.done = true;
  const names = SDKS.map((sdk) => sdk.name);
  guard(() => registerLoader(names));
  new RequireHook(names, (exported, name, basedir) => {
    packageLoaded(name, exported, basedir);
    return exported;
  });
  new ImportHook(names, (exported, name, basedir) => {
    packageLoaded(name, exported, basedir ?? undefined);
  });
}

function registerLoader(include: readonly string[]): void {
  const require = module.createRequire(import.meta.url);
  const hooks = require('import-in-the-middle/register-hooks.mjs') as SyncHooks;
  if (hooks.supportsSyncHooks()) {
    hooks.register({ include });
    module.registerHooks({ resolve: resolveBuiltin });
  } else module.register('import-in-the-middle/hook.mjs', import.meta.url, { data: { include } });
}

/**
 * import-in-the-middle 3.6 takes a built-in module that has no parent for an app's entry file and calls it CommonJS: every
 * `node --require … -e …` then dies with "ENOENT: open 'module'". This answers before it is asked.
 */
const resolveBuiltin: module.ResolveHookSync = (specifier, context, nextResolve) => {
  if (context.parentURL || !module.isBuiltin(specifier)) return nextResolve(specifier, context);
  const url = specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  return { url, format: 'builtin', shortCircuit: true };
};
