/**
 * What a process leaves behind about itself, for `tokenmeter doctor` and for the exit summary of its parent: one small
 * file per process or thread in `status/` beside the ledger, replaced as a whole, the oldest ones deleted. It is written
 * only where there is something to say, so that a `NODE_OPTIONS` that reaches npm and linters litters no folder.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder } from '@tokenmeter/ledger';
import type { LedgerDecision, Reach } from './destinations.ts';
import type { Signal } from './environment.ts';
import type { TallySnapshot } from './tally.ts';

const SCHEMA = 'tokenmeter.status/1';
const FOLDER = 'status';
const MOST_FILES = 50;
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;

export interface PackageStatus {
  readonly name: string;
  readonly version?: string;
  readonly path?: string;
  readonly tested: boolean;
  readonly targets: readonly string[];
}

export interface Status {
  readonly schema: typeof SCHEMA;
  /** The same in all processes that stem from one command. */
  readonly run: string;
  readonly pid: number;
  /** 0 in the main thread. */
  readonly thread: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly writtenAt: string;
  readonly node: string;
  readonly tokenmeter: string;
  readonly cwd: string;
  /** The script, as the command line names it. */
  readonly script?: string;
  readonly packages: readonly PackageStatus[];
  readonly reach: Readonly<Record<Signal, Reach>>;
  /** Absent as long as there was no call. */
  readonly ledger?: LedgerDecision & { readonly folder: string };
  /** A provider of this process has a `service.instance.id`; absent where that cannot be told. */
  readonly instanceId?: boolean;
  readonly warnings: readonly string[];
  readonly tally: TallySnapshot;
}

export type StatusFacts = Omit<Status, 'schema' | 'writtenAt'>;

/** Writes the file of this process or thread. Throws what the file system throws. */
export function writeStatus(ledgerFolder: string, facts: StatusFacts): void {
  ensureFolder(ledgerFolder);
  const folder = join(ledgerFolder, FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const status: Status = { schema: SCHEMA, writtenAt: new Date().toISOString(), ...facts };
  const path = join(folder, `${facts.run}-${facts.pid}-${facts.thread}.json`);
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(status)}\n`, { mode: 0o600 });
  renameSync(draft, path);
  prune(folder);
}

/**
 * The statuses in a ledger's folder, oldest first. Files that are not ours or cannot be read are left out; a folder that
 * is not there is empty.
 */
export function readStatuses(ledgerFolder: string): Status[] {
  const folder = join(ledgerFolder, FOLDER);
  return names(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => parse(join(folder, name)))
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

function parse(path: string): Status[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const ours = value !== null && typeof value === 'object' && 'schema' in value && value.schema === SCHEMA;
    return ours ? [value as Status] : [];
  } catch {
    return [];
  }
}

function prune(folder: string): void {
  const files = names(folder).flatMap((name) => {
    const path = join(folder, name);
    try {
      return [{ path, time: statSync(path).mtimeMs }];
    } catch {
      return []; // Another process was faster.
    }
  });
  files.sort((a, b) => b.time - a.time);
  const oldest = Date.now() - KEEP_MS;
  for (const [index, file] of files.entries()) {
    if (index >= MOST_FILES || file.time < oldest) rmSync(file.path, { force: true });
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
