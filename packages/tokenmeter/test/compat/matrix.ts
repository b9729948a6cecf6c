/** One app in every way that Node can run it: tables, each the product of its dimensions, with a column for each Node. */
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AppFolder } from '../harness.ts';
import type { Cell } from './cell.ts';
import type { NodeVersion } from './nodes.ts';
import { compat, placeTokenmeter } from './project.ts';

export const PROCESSES = 'Processes and threads';
export const STRIPPED = 'TypeScript by Node';
export const TSX = 'TypeScript by tsx';
export const BUNDLES = 'Bundles';

const PROJECT = 'app';
const REGISTER = 'tokenmeter/register';

/** How Tokenmeter comes into a process. */
interface Start {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Which app: one without a word of us, or one that hands over its SDK. */
  readonly app: 'call' | 'manual';
  /** What starts a child process: with this one's flags, or without. */
  readonly child: 'child' | 'spawn';
}

const STARTS: readonly Start[] = [
  { name: '`--require`', flags: ['--require', REGISTER], app: 'call', child: 'child' },
  { name: '`--import`', flags: ['--import', REGISTER], app: 'call', child: 'child' },
  { name: '`NODE_OPTIONS`', flags: [], env: { NODE_OPTIONS: `--import=${REGISTER}` }, app: 'call', child: 'spawn' },
  { name: '`instrument()`', flags: [], app: 'manual', child: 'spawn' },
];

/** Endings of the file that calls and of the file that starts a thread or process for it, and how often it calls. */
const MODULES = [
  ['CommonJS', '.cjs', '.cjs', 1],
  ['ES modules', '.mjs', '.mjs', 1],
  ['mixed', '-mixed.cjs', '.cjs', 2],
] as const;

type PerNode = Pick<Cell, 'node' | 'folder' | 'column' | 'provider'>;

function processCells(node: PerNode): Cell[] {
  return STARTS.flatMap(({ name, flags, env, app, child }) => {
    const launchers = {
      'main thread': '',
      'worker thread': 'thread',
      'cluster worker': 'cluster',
      'child process': child,
    };
    return MODULES.flatMap(([system, ending, launcherEnding, calls]) =>
      Object.entries(launchers).map(([process, launcher]): Cell => {
        const file = app + ending;
        const command = launcher ? [`../${launcher}${launcherEnding}`, file] : [`../${file}`];
        const row = [name, system, process].join(' | ');
        return { ...node, table: PROCESSES, row, args: [...flags, ...command], env, calls };
      }),
    );
  });
}

const TSX_CLI = compat(PROJECT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
// Node 22.15 strips types with this flag only.
const STRIPPING = ['--no-warnings', '--experimental-strip-types'];

function typescriptCells(node: PerNode, table: string, command: readonly string[]): Cell[] {
  return STARTS.flatMap(({ name, flags, env, app }) =>
    [
      ['CommonJS', '.cts'],
      ['ES modules', '.mts'],
    ].map(([system, ending]): Cell => {
      const row = [name, system].join(' | ');
      return { ...node, table, row, args: [...command, ...flags, `../${app}${ending}`], env, calls: 1 };
    }),
  );
}

const FORMATS = [
  ['CommonJS', 'cjs', 'bundle.cjs'],
  ['ES modules', 'esm', 'bundle.mjs'],
] as const;

function bundleCells(node: PerNode): Cell[] {
  return FORMATS.map(([system, , file]): Cell => {
    return { ...node, table: BUNDLES, row: system, args: [`../${file}`], calls: 1 };
  });
}

/** All cells, of the Nodes that this platform has. */
export function matrixCells({ path: folder }: AppFolder, nodes: readonly NodeVersion[]): Cell[] {
  return nodes.flatMap(({ path, version, newest }) => {
    if (path === undefined) return [];
    const node: PerNode = { node: path, folder, column: version, provider: 'groq' };
    return [
      ...processCells(node),
      ...typescriptCells(node, STRIPPED, STRIPPING),
      ...(newest ? typescriptCells(node, TSX, [TSX_CLI]) : []),
      ...bundleCells(node),
    ];
  });
}

/** A folder with the app in all its forms. */
export function matrixApp(): AppFolder {
  placeTokenmeter(PROJECT);
  const app = new AppFolder({}, compat(PROJECT, 'node_modules'));
  cpSync(join(import.meta.dirname, 'apps'), app.path, { recursive: true });
  const { buildSync } = createRequire(compat(PROJECT, 'package.json'))('esbuild') as {
    buildSync(options: object): void;
  };
  for (const [, format, file] of FORMATS) {
    buildSync({
      ...{ entryPoints: [join(app.path, 'manual.mjs')], outfile: join(app.path, file), format },
      ...{ bundle: true, platform: 'node', external: ['tokenmeter', REGISTER] },
    });
  }
  return app;
}
