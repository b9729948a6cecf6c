/**
 * Which files are the main modules of packages, and how an ES module tells that it has been evaluated. This also runs in
 * a loader's own thread: it knows nothing of the process, nor of OpenTelemetry.
 */
import { readFileSync } from 'node:fs';
import type { LoadFnOutput, LoadHookContext } from 'node:module';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface MainModule {
  /** npm name of the package. */
  readonly name: string;
  readonly basedir: string;
}

/** Where a main module finds whom to tell: a function of its URL and its namespace, in the thread of the app. */
export const LOADED: unique symbol = Symbol.for('tokenmeter.v1.loaded') as never;

/** Where a module hands over a function and gets another: a function of package, name and function. */
export const REBIND: unique symbol = Symbol.for('tokenmeter.v1.rebind') as never;

/** What a module calls a function that it exports: a minified one has another name for it. */
function localName(exported: string, source: string): string {
  const alias = new RegExp(`([\\w$]+) as ${exported} *[,}]`);
  for (const [, names = ''] of source.matchAll(/\bexport *(\{[^{}]*\})/g)) {
    const [, own] = alias.exec(names) ?? [];
    if (own !== undefined) return own;
  }
  return exported;
}

/** Where packages are installed; of nested copies the last one in a path counts. */
const INSTALLED = 'node_modules';
/** Behind {@link INSTALLED}: the name of the package, and a file in it. Every file that is loaded is asked: from there only. */
const IN_PACKAGE = /[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/](.+)$/y;

/** What a package.json may leave out. */
const ENDINGS = ['', '.js', '.cjs', '/index.js'];

/** What is wanted of a package, beside its main module's exports. */
export interface Wanted {
  /** The modules that have the methods, where the main module does not: paths in the package, which may lack their ending. */
  readonly files?: readonly string[];
  /** Modules that are wanted beside those: paths in the package, with their ending. */
  readonly beside?: readonly string[];
  /** Functions in the module that it is to hand over, and to replace by what it gets for them. */
  readonly rebinds?: readonly string[];
}

/** The packages that matter, by name. */
export type Watched = ReadonlyMap<string, Wanted>;

/** Finds the package that a file is a main module of, for `require` or for `import`. */
export class MainModules {
  readonly #watched: Watched;
  /** By folder: every file of a package is asked about while it loads. */
  readonly #files = new Map<string, readonly string[]>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  at(path: string): MainModule | undefined {
    const at = path.lastIndexOf(INSTALLED);
    if (path[at - 1] !== '/' && path[at - 1] !== '\\') return undefined;
    IN_PACKAGE.lastIndex = at + INSTALLED.length;
    const [, folder = '', file = ''] = IN_PACKAGE.exec(path) ?? [];
    const name = folder.replace('\\', '/');
    if (!this.#watched.has(name)) return undefined;
    const basedir = path.slice(0, -file.length - 1);
    const own = file.replaceAll('\\', '/');
    const { files = this.#filesOf(basedir), beside } = this.#watched.get(name) ?? {};
    const isMain = files.some((main) => ENDINGS.some((ending) => main + ending === own));
    return isMain || beside?.includes(own) ? { name, basedir } : undefined;
  }

  /** The source of that module, with what makes it hand over its functions. All its lines stay where they are. */
  rebinding({ name }: MainModule, source: string): string {
    const functions = this.#watched.get(name)?.rebinds ?? [];
    if (functions.length === 0) return source;
    const constant = new RegExp(`^const (?=(?:${functions.join('|')}) = )`, 'gm');
    const hand = `globalThis[Symbol.for('${REBIND.description}')]`;
    // A function that a version does not have is a reference to nothing, and throws.
    const lines = functions.map((one) => {
      const own = localName(one, source);
      return `try { ${own} = ${hand}?.('${name}', '${one}', ${own}) ?? ${own}; } catch {}`;
    });
    return `${source.replace(constant, 'let ')}\n${lines.join(' ')}`;
  }

  /** The same for a URL as loaders have it; its query does not matter. */
  of(url: string): MainModule | undefined {
    return url.startsWith('file:') ? this.at(fileURLToPath(url)) : undefined;
  }

  #filesOf(basedir: string): readonly string[] {
    const known = this.#files.get(basedir);
    if (known) return known;
    const files = mainFiles(basedir);
    this.#files.set(basedir, files);
    return files;
  }
}

/** Of every condition of the export `.`, without the leading `./`. None where the package's manifest is unreadable. */
function mainFiles(basedir: string): string[] {
  try {
    const {
      main = 'index',
      module,
      exports,
    }: Manifest = JSON.parse(readFileSync(join(basedir, 'package.json'), 'utf8'));
    const root = typeof exports === 'object' && exports !== null && '.' in exports ? exports['.'] : exports;
    return strings([main, module, root]).map((file) => posix.normalize(file));
  } catch {
    return [];
  }
}

interface Manifest {
  readonly main?: string;
  readonly module?: string;
  readonly exports?: unknown;
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

/**
 * What a `load` hook returns for that URL: where it is one of the main ES modules, with lines at its end that hand over
 * its own namespace, and what else is wanted of it. All that the app sees stays the same: exports, lines, identity.
 *
 * CommonJS in TypeScript that is imported is left to Node's CommonJS loader, which strips types as well and takes what comes
 * without a source: on Node 22 and before 24.11.1, what such a file requires would pass by `Module.prototype._compile`.
 */
export function announcing(
  url: string,
  { conditions }: Partial<LoadHookContext>,
  loaded: LoadFnOutput,
  mains: MainModules,
): LoadFnOutput {
  const { format, source } = loaded;
  if (format === 'commonjs-typescript') {
    // The CommonJS loader asks its hooks, too, and wants a source. The thread of loaders names no conditions.
    return conditions?.includes('require') ? loaded : { ...loaded, format: 'commonjs', source: undefined };
  }
  if (!format?.startsWith('module') || source === null || source === undefined) return loaded;
  const main = mains.of(url);
  if (!main) return loaded;
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const self = JSON.stringify(url);
  const line = `import * as __tokenmeter from ${self}; globalThis[Symbol.for('${LOADED.description}')]?.(${self}, __tokenmeter);`;
  return { ...loaded, source: `${mains.rebinding(main, text)}\n${line}\n` };
}
