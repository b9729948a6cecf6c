/**
 * The Nodes that the matrix runs on: the newest of each line, and the oldest that is supported, in which our loader needs a
 * thread of its own.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../packed-project.ts';
import { compat } from './project.ts';

export interface NodeVersion {
  /** As `process.versions.node` says it. */
  readonly version: string;
  /** Of its line. */
  readonly newest: boolean;
  /** Absent where npm has no such binary for this platform. */
  readonly path?: string;
}

const PROJECT = compat('nodes', 'node_modules');
const BINARY = process.platform === 'win32' ? ['node.exe'] : ['bin', 'node'];
const PLATFORM = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/**
 * Where a Node of the matrix stands: the newest 22 is the one that the repository brings for its tools; the others are a
 * project of their own. Versions are those of package.json, there and in the root.
 */
const PLACES: readonly (readonly [version: string, newest: boolean, ...folders: string[]])[] = [
  ['22.15.0', false, join(PROJECT, `node-22.15-${PLATFORM}`)],
  ['22.23.2', true, join(ROOT, 'node_modules', `node-${PLATFORM}`), join(ROOT, 'node_modules', `node-bin-${PLATFORM}`)],
  ['24.21.0', true, join(PROJECT, `node-24-${PLATFORM}`)],
  ['26.10.0', true, join(PROJECT, `node-26-${PLATFORM}`)],
];

export const NODES: readonly NodeVersion[] = PLACES.map(([version, newest, ...folders]) => ({
  ...{ version, newest },
  path: folders.map((folder) => join(folder, ...BINARY)).find((path) => existsSync(path)),
}));
