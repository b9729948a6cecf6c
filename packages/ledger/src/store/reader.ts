/**
 * The reading end of a ledger: every `*.jsonl` file of the folder, streamed. Files of ours outside the window are not
 * opened; a call belongs to the window in which it started. Each call is given once, by its span id.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { callOf, resourceFacts } from '../otlp/decode.ts';
import { ALL_ATTRIBUTES, type ReaderTable } from '../otlp/readers.ts';
import { resourceSpansOf } from '../otlp/wire.ts';
import type { CallRecord } from '../record.ts';
import { dayOf, dayOfFile, isCode, LEDGER_DIR } from './folder.ts';
import { SpanIds } from './ids.ts';
import { lineBatches } from './lines.ts';

/** A line that gave no calls because it could not be read. */
export interface BadLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

export interface ReadOptions {
  /** Default: `.tokenmeter` in the working directory. A folder that does not exist is an empty ledger. */
  readonly dir?: string;
  /** Unix milliseconds, inclusive. */
  readonly since?: number;
  /** Unix milliseconds, exclusive. */
  readonly until?: number;
  readonly onBadLine?: (bad: BadLine) => void;
}

/** The store exists and cannot be read. */
export class LedgerReadError extends Error {
  override readonly name: string = 'LedgerReadError';
}

/** The calls of the window, file by file, in the order of the files. Throws {@link LedgerReadError}. */
export async function* readCalls(options: ReadOptions = {}): AsyncGenerator<CallRecord, void, undefined> {
  for await (const calls of callBatches(options, ALL_ATTRIBUTES)) yield* calls;
}

/** The same in batches; with a smaller `table`, only what that reads is filled in. */
export async function* callBatches(options: ReadOptions, table: ReaderTable): AsyncGenerator<CallRecord[]> {
  const dir = options.dir ?? LEDGER_DIR;
  const window: Window = {
    since: options.since ?? Number.NEGATIVE_INFINITY,
    until: options.until ?? Number.POSITIVE_INFINITY,
  };
  const seen = new SpanIds();
  const take = (call: CallRecord): boolean =>
    call.startTime >= window.since && call.startTime < window.until && seen.add(call.spanId);
  for (const name of await filesOf(dir, window)) {
    const file = join(dir, name);
    try {
      for await (const lines of lineBatches(file)) {
        const calls: CallRecord[] = [];
        for (const { number, text } of lines) {
          const reason = decode(text, table, take, calls);
          if (reason !== undefined) options.onBadLine?.({ file, line: number, reason });
        }
        yield calls;
      }
    } catch (error) {
      // A file that another process has just deleted for its age is no failure.
      if (isCode(error, 'ENOENT')) continue;
      throw isCode(error, 'EACCES', 'EPERM', 'EIO', 'EISDIR') ? unreadable(file, error) : error;
    }
  }
}

/** The file names of a ledger folder that may hold calls of the window, sorted. Throws {@link LedgerReadError}. */
export async function filesOf(dir: string, window: Window): Promise<string[]> {
  const first = dayOf(window.since);
  const last = dayOf(window.until);
  try {
    const names = await readdir(dir);
    return names.filter((name) => name.endsWith('.jsonl') && isInside(dayOfFile(name), first, last)).sort();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw unreadable(dir, error);
  }
}

interface Window {
  readonly since: number;
  readonly until: number;
}

/** Files of others have no day in their name: they are always read. */
function isInside(day: number | undefined, first: number, last: number): boolean {
  return day === undefined || (day >= first && day <= last);
}

/** Adds the calls of a line; gives the reason if it is no trace export. */
function decode(
  text: string | undefined,
  table: ReaderTable,
  take: (call: CallRecord) => boolean,
  calls: CallRecord[],
): string | undefined {
  if (text === undefined) return 'the line is too long';
  if (text.trim() === '') return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'not JSON (cut off?)';
  }
  const groups = resourceSpansOf(json);
  if (!groups) return 'not an OTLP trace export: it has no "resourceSpans"';
  for (const group of groups) {
    const resource = resourceFacts(group.resource);
    for (const span of group.spans) {
      const call = callOf(span, resource, table);
      if (call && take(call)) calls.push(call);
    }
  }
  return undefined;
}

function unreadable(path: string, error: unknown): LedgerReadError {
  const reason = error instanceof Error ? error.message : String(error);
  return new LedgerReadError(`The ledger at ${path} cannot be read: ${reason}`, { cause: error });
}

/** The calls of one line. Throws a SyntaxError if it is no JSON or no trace export. */
export function fromOtlp(line: string): CallRecord[] {
  const calls: CallRecord[] = [];
  const reason = decode(line, ALL_ATTRIBUTES, () => true, calls);
  if (reason !== undefined) throw new SyntaxError(reason);
  return calls;
}
