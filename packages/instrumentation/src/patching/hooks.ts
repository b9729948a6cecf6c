/**
 * Sees packages being loaded, in both module systems, and only those that somebody asked for.
 *
 * - CommonJS: Node's `Module.prototype._compile` evaluates every file, whoever asks for it. It is called through, and the
 *   exports are looked at when it is done.
 * - ES modules: a loader adds a line to the main module of such a package, which hands over the module's own namespace. The
 *   loader runs in the thread of the app where Node can do that, else in Node's own.
 *
 * Why not the libraries for this: docs/decisions/0006-module-hooks.md.
 */
import * as module from 'node:module';
import { alike } from '../call/alike.ts';
import { guard } from '../call/guard.ts';
import { shared } from '../state.ts';
import type { LoaderData } from './loader.ts';
import { announcing, LOADED, type MainModule, MainModules, REBIND, type Wanted, type Watched } from './main-module.ts';
import { KNOWN, packageLoaded, rebound } from './packages.ts';
import { compareVersions } from './versions.ts';

/** Told of a package's exports each time that a copy of it has been evaluated. */
export type OnLoaded = (exported: unknown, name: string, basedir: string) => void;

const installed: { done: boolean } = shared('hooks', () => ({ done: false }));

/**
 * Installs the hooks, once per process or thread.
 *
 * @param others packages that are none of our SDKs, by name; a callback that throws breaks nothing
 */
export function installHooks(others: Readonly<Record<string, OnLoaded>> = {}): void {
  if (installed.done) return;
  installed.done = true;
  const listeners = new Map<string, OnLoaded>(Object.entries(others));
  const watched = new Map<string, Wanted>();
  for (const name of listeners.keys()) watched.set(name, {});
  for (const one of KNOWN) {
    listeners.set(one.name, (exported, name, basedir) => packageLoaded(name, exported, basedir));
    watched.set(one.name, 'patch' in one ? { files: one.files, rebinds: one.rebinds } : { beside: one.beside?.files });
  }
  const mains = new MainModules(watched);
  const tell = (main: MainModule | undefined, exported: unknown): void => {
    if (main) listeners.get(main.name)?.(exported, main.name, main.basedir);
  };
  Object.defineProperty(globalThis, REBIND, { value: rebound });
  guard(() => watchRequire(mains, tell));
  guard(() => watchImport(watched, mains, tell));
}

type Tell = (main: MainModule | undefined, exported: unknown) => void;

function watchRequire(mains: MainModules, tell: Tell): void {
  const prototype: Compiler = module.Module.prototype as never;
  const compile = prototype._compile;
  const watching: Compiler['_compile'] = function (this: NodeJS.Module, ...args) {
    const main = guard(() => mains.at(args[1]));
    if (!main) return compile.apply(this, args);
    args[0] = guard(() => mains.rebinding(main, args[0])) ?? args[0];
    const result = compile.apply(this, args);
    guard(() => tell(main, this.exports));
    return result;
  };
  prototype._compile = alike(watching, compile);
  // What an earlier preload has loaded.
  for (const [path, one] of Object.entries(module.createRequire(import.meta.url).cache)) {
    if (one?.loaded) guard(() => tell(mains.at(path), one.exports));
  }
}

/** What every module of the CommonJS loader has, and its types do not name. */
interface Compiler {
  _compile(this: NodeJS.Module, content: string, path: string, ...more: unknown[]): unknown;
}

function watchImport(watched: Watched, mains: MainModules, tell: Tell): void {
  const told = (url: string, namespace: object): void => {
    guard(() => {
      // Throws where another loader has put a module of its own around this one, whose exports are not there yet: that
      // module has the line, too.
      Object.keys(namespace);
      tell(mains.of(url), namespace);
    });
  };
  Object.defineProperty(globalThis, LOADED, { value: told });
  if (canHookInThread(process.versions.node)) {
    module.registerHooks({ load: (url, context, nextLoad) => announcing(url, nextLoad(url, context), mains) });
  } else {
    module.register<LoaderData>(new URL('loader.mjs', import.meta.url), { data: { watched } });
  }
}

/**
 * Before these versions a hook in the thread of the app ends it as soon as another loader has a thread of its own
 * ("ERR_INVALID_RETURN_PROPERTY_VALUE": nodejs/node#59929), and a CommonJS file that is imported gets a `require` that
 * passes by `Module.prototype._compile`.
 */
const IN_THREAD_SINCE: Readonly<Record<string, string>> = { 22: '22.22.3', 24: '24.11.1', 25: '25.1.0' };

/** @param version of Node, from 22.15 */
export function canHookInThread(version: string): boolean {
  const [line = ''] = version.split('.', 1);
  const since = IN_THREAD_SINCE[line];
  return since === undefined ? Number(line) > 25 : compareVersions(version, since) >= 0;
}
