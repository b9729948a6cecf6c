/**
 * The reading end of a ledger: every `*.jsonl` file of the folder, streamed. Files of ours outside the window are not
 * opened; a call belongs to the window in which it started. Each call is given once, by its span id.
 */
import { promises } from 'node:fs';
import { join } from 'node:path';
import { callOf, resourceFacts } from '../otlp/decode.ts';
import { ALL_ATTRIBUTES, type ReaderTable } from '../otlp/readers.ts';
import { LineScanner } from '../otlp/scan.ts';
import { resourceSpansOf } from '../otlp/wire.ts';
import type { CallRecord } from '../record.ts';
import { dayOf, dayOfFile, isCode, LEDGER_DIR } from './folder.ts';
import { SpanIds } from './ids.ts';
import { type Line, lineBatches } from './lines.ts';

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
  const scanner = new LineScanner(table);
  const take = (call: CallRecord): boolean =>
    call.startTime >= window.since && call.startTime < window.until && seen.add(call.spanId);
  for (const name of await filesOf(dir, window)) {
    const file = join(dir, name);
    try {
      for await (const lines of lineBatches(file)) {
        const calls: CallRecord[] = [];
        for (const line of lines) {
          const found = callsOf(line, scanner, table);
          if (typeof found === 'string') options.onBadLine?.({ file, line: line.number, reason: found });
          else for (const call of found) if (take(call)) calls.push(call);
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
    const names = await promises.readdir(dir);
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

/** The calls of a line, or why it has none. */
function callsOf({ bytes, from, to, tooLong }: Line, scanner: LineScanner, table: ReaderTable): CallRecord[] | string {
  if (tooLong) return 'the line is too long';
  return scanner.scan(bytes, from, to) ?? parse(bytes.toString('utf8', from, to), table);
}

/** The same for a line in any form of OTLP JSON. */
function parse(text: string, table: ReaderTable): CallRecord[] | string {
  if (text.trim() === '') return [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'not JSON (cut off?)';
  }
  const groups = resourceSpansOf(json);
  if (!groups) return 'not an OTLP trace export: it has no "resourceSpans"';
  return groups.flatMap((group) => {
    const resource = resourceFacts(group.resource);
    return group.spans.map((span) => callOf(span, resource, table)).filter((call) => call !== undefined);
  });
}

function unreadable(path: string, error: unknown): LedgerReadError {
  const reason = error instanceof Error ? error.message : String(error);
  return new LedgerReadError(`The ledger at ${path} cannot be read: ${reason}`, { cause: error });
}

/** The calls of one line. Throws a SyntaxError if it is no trace export. */
export function fromOtlp(line: string): CallRecord[] {
  const calls = parse(line, ALL_ATTRIBUTES);
  if (typeof calls === 'string') throw new SyntaxError(calls);
  return calls;
}
