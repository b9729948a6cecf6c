/**
 * Which files are the main modules of packages, and how an ES module tells that it has been evaluated. This also runs in
 * a loader's own thread: it knows nothing of the process, nor of OpenTelemetry.
 */
import { readFileSync } from 'node:fs';
import type { LoadFnOutput } from 'node:module';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface MainModule {
  /** npm name of the package. */
  readonly name: string;
  readonly basedir: string;
}

/** Where a main module finds whom to tell: a function of its URL and its namespace, in the thread of the app. */
export const LOADED: unique symbol = Symbol.for('tokenmeter.v1.loaded') as never;

/** The folder of the package, its name, and a file in it; of nested copies the innermost. */
const IN_PACKAGE = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/](.+)$/;

/** What a package.json may leave out. */
const ENDINGS = ['', '.js', '/index.js'];

/** Finds the package that a file is a main module of, for `require` or for `import`. */
export class MainModules {
  readonly #names: ReadonlySet<string>;
  /** By folder: every file of a package is asked about while it loads. */
  readonly #files = new Map<string, readonly string[]>();

  /** @param names of the packages that matter */
  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  at(path: string): MainModule | undefined {
    const [, basedir = '', folder = '', file = ''] = IN_PACKAGE.exec(path) ?? [];
    const name = folder.replace('\\', '/');
    if (!this.#names.has(name)) return undefined;
    const own = file.replaceAll('\\', '/');
    const isMain = this.#filesOf(basedir).some((main) => ENDINGS.some((ending) => main + ending === own));
    return isMain ? { name, basedir } : undefined;
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
 * What a `load` hook returns for that URL: where it is one of the main ES modules, with one line at its end that
 * hands its own namespace over. All that the app sees stays the same: exports, lines, identity.
 */
export function announcing(url: string, loaded: LoadFnOutput, mains: MainModules): LoadFnOutput {
  const { format, source } = loaded;
  if (!format?.startsWith('module') || source === null || source === undefined) return loaded;
  if (!mains.of(url)) return loaded;
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const self = JSON.stringify(url);
  const line = `import * as __tokenmeter from ${self}; globalThis[Symbol.for('${LOADED.description}')]?.(${self}, __tokenmeter);`;
  return { ...loaded, source: `${text}\n${line}\n` };
}
