/** Lines and files of the local state; see `state.ts`. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Totals } from '../../windows/cells.ts';

export const FILE_MODE = 0o600;

/** What the calls of one writer in one cell came to until then. */
export interface Line {
  /** Writer. */
  readonly w: string;
  /** Key of the account. */
  readonly k: string;
  /** Slot of the cell. */
  readonly s: number;
  /** When nobody asks for the cell any more, Unix milliseconds. */
  readonly e: number;
  readonly t: Totals;
}

export function lineText(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

/** Undefined for what is no line, or was cut off. */
export function parseLine(text: string): Line | undefined {
  if (text === '') return undefined;
  try {
    const line = JSON.parse(text) as Line;
    return typeof line.k === 'string' && Array.isArray(line.t) ? line : undefined;
  } catch {
    return undefined;
  }
}

export function isLines(name: string): boolean {
  return name.endsWith('.jsonl');
}

/** Readers see the old file or the new one. */
export function replace(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: FILE_MODE });
  renameSync(draft, path);
}

export async function readFrom(path: string, from: number, to: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A file that nobody has written for so long is merged with others of its kind. */
const LEFT_MS = 86_400_000;

/** Files of processes that are long gone become one. Two processes that do it at once write the same twice. Never throws. */
export function mergeLeft(folder: string, now: number): void {
  try {
    const left = readdirSync(folder).filter(
      (name) => isLines(name) && statSync(join(folder, name)).mtimeMs < now - LEFT_MS,
    );
    if (left.length === 0) return;
    const lines = new Map<string, string>();
    for (const text of left.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))) {
      const line = parseLine(text);
      if (line && line.e > now) lines.set(`${line.w}#${line.k}#${line.s}`, `${text}\n`);
    }
    if (lines.size > 0) replace(join(folder, `merged-${randomUUID()}.jsonl`), [...lines.values()].join(''));
    for (const name of left) rmSync(join(folder, name), { force: true });
  } catch {
    // Somebody else does the same.
  }
}

/** The store's name, made by the first process. Throws where it can be neither read nor made. */
export function storeId(folder: string, readOnly: boolean): string {
  const path = join(folder, 'id');
  try {
    if (!readOnly) writeFileSync(path, randomUUID(), { flag: 'wx', mode: FILE_MODE });
  } catch (error) {
    if (!isExisting(error)) throw error;
  }
  try {
    return readFileSync(path, 'utf8').trim() || 'local';
  } catch {
    return 'local';
  }
}

/** Another process was faster. */
export function isExisting(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EEXIST';
}
