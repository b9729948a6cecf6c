/**
 * Price books that a refresh brought, beside the ledger: `prices/<version>.json` is a book, `prices/state.json` says where
 * the last one came from. A book is written as a whole and renamed, so that a process that reads finds an old one or the
 * new one. The version, which begins with its date, is the file's name: to know which is newest, nobody opens a file.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder } from '@tokenmeter/ledger';
import { type PriceBook, readBook } from '@tokenmeter/pricing';

const FOLDER = 'prices';
const STATE_FILE = 'state.json';
const BOOK_FILE = /^(\d{4}-\d{2}-\d{2}\.[\w.-]+)\.json$/;

/** What is known of the last refresh. */
export interface RefreshState {
  readonly from: string;
  readonly etag?: string;
  /** Version that `from` had. */
  readonly version: string;
  /** ISO 8601. */
  readonly checkedAt: string;
}

/**
 * The newest book in the ledger's folder that is at least as new as `bundled` and another one. A file that is damaged is
 * named and skipped. Never throws.
 */
export function cachedBook(
  ledgerFolder: string,
  bundled: Pick<PriceBook, 'version' | 'date'>,
  onWarning: (message: string) => void,
): PriceBook | undefined {
  for (const version of cachedVersions(ledgerFolder)) {
    if (version === bundled.version || version.slice(0, 10) < bundled.date) continue;
    const file = join(ledgerFolder, FOLDER, `${version}.json`);
    try {
      const book = readBook(bookText(ledgerFolder, version));
      if (book.version === version) return book;
      onWarning(`the price book ${file} is not used: it holds version ${book.version}`);
    } catch (error) {
      onWarning(`the price book ${file} is not used: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return undefined;
}

/** Takes a book into the folder. `text` is one that `readBook` accepts. Throws what the file system throws. */
export function keepBook(ledgerFolder: string, version: string, text: string): void {
  const folder = writable(ledgerFolder);
  replace(join(folder, `${version}.json`), text);
  for (const other of cachedVersions(ledgerFolder)) {
    if (other !== version) rmSync(join(folder, `${other}.json`), { force: true });
  }
}

/** A book of the folder as text. Throws what the file system throws. */
export function bookText(ledgerFolder: string, version: string): string {
  return readFileSync(join(ledgerFolder, FOLDER, `${version}.json`), 'utf8');
}

export function readState(ledgerFolder: string): RefreshState | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(join(ledgerFolder, FOLDER, STATE_FILE), 'utf8'));
    const known = typeof state === 'object' && state !== null && 'from' in state && 'checkedAt' in state;
    return known ? (state as RefreshState) : undefined;
  } catch {
    return undefined;
  }
}

export function writeState(ledgerFolder: string, state: RefreshState): void {
  replace(join(writable(ledgerFolder), STATE_FILE), `${JSON.stringify(state)}\n`);
}

/** Newest first. */
function cachedVersions(ledgerFolder: string): string[] {
  try {
    const names = readdirSync(join(ledgerFolder, FOLDER));
    return names
      .flatMap((name) => BOOK_FILE.exec(name)?.[1] ?? [])
      .sort()
      .reverse();
  } catch {
    return [];
  }
}

function writable(ledgerFolder: string): string {
  ensureFolder(ledgerFolder);
  const folder = join(ledgerFolder, FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function replace(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}
