/**
 * The folder of a ledger: `.tokenmeter/` in the working directory of the app.
 *
 *     .gitignore                                 the folder ignores itself
 *     calls-20261126-4711-9f3c2a1b.otlp.jsonl    calls that one process (or worker thread) started on that UTC day
 *     calls-20261126-4711-9f3c2a1b.1.otlp.jsonl  the same, after the first reached its size
 *     seen-20261126.txt                          ids of answers that were counted on that UTC day, of all processes
 *
 * Prompts are not in it, but who used what is: folder and files are the owner's only.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Name of the folder where no other is given. */
export const LEDGER_DIR = '.tokenmeter';

const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

const MS_PER_DAY = 86_400_000;

/** `calls-YYYYMMDD-<instance>[.<part>].otlp.jsonl` */
const CALLS_FILE = /^calls-(\d{4})(\d{2})(\d{2})-.*\.otlp\.jsonl$/;

/** Makes the folder with its `.gitignore`, if need be. Throws what the file system throws. */
export function ensureFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: FOLDER_MODE });
  try {
    writeFileSync(join(dir, '.gitignore'), '*\n', { flag: 'wx', mode: FILE_MODE });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
}

/** The number of a UTC day since 1970. */
export function dayOf(time: number): number {
  return Math.floor(time / MS_PER_DAY);
}

export function fileName(day: number, instance: string, part: number): string {
  const date = new Date(day * MS_PER_DAY).toISOString().slice(0, 10).replaceAll('-', '');
  return `calls-${date}-${instance}${part === 0 ? '' : `.${part}`}.otlp.jsonl`;
}

/** The day in the name of a ledger file; undefined for files of another name. */
export function dayOfFile(name: string): number | undefined {
  const [, year, month, day] = CALLS_FILE.exec(name) ?? [];
  return year === undefined ? undefined : dayOf(Date.UTC(Number(year), Number(month) - 1, Number(day)));
}

/** Deletes the ledger files of days more than `keepDays` before `now`. Never throws: another process may be first. */
export function prune(dir: string, keepDays: number, now: number): void {
  const oldest = dayOf(now) - keepDays;
  try {
    for (const name of readdirSync(dir)) {
      const day = dayOfFile(name);
      if (day !== undefined && day < oldest) rmSync(join(dir, name), { force: true });
    }
  } catch {
    // A folder that cannot be read is reported by the write that follows.
  }
}

export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
