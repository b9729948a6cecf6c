/** A file line by line, in bounded memory whatever the file holds. */
import { promises } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 1024 * 1024;
/** The longest line that is read; a longer one is not ours and counts as unreadable. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

const LINE_END = 10;

/** A line without its end: bytes `from` to `to`. They stand until the next batch is asked for. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** It was too long to be kept: there are no bytes. */
  readonly tooLong: boolean;
}

/**
 * The lines of a file in batches, one per chunk read, so that a caller pays for one promise per megabyte and not per line.
 * Rejects with the file system's error.
 */
export async function* lineBatches(path: string): AsyncGenerator<Line[]> {
  const handle = await promises.open(path);
  try {
    yield* batches(handle);
  } finally {
    await handle.close();
  }
}

/** While a batch is looked at, the next megabyte is read into the other of two buffers. */
async function* batches(handle: FileHandle): AsyncGenerator<Line[]> {
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let other = Buffer.allocUnsafe(CHUNK_BYTES);
  /** Bytes at the head of `buffer` that belong to a line whose end was not read yet. */
  let kept = 0;
  let number = 0;
  let skipping = false;
  let reading = read(handle, buffer, 0);
  for (;;) {
    const { bytesRead } = await reading;
    const end = kept + bytesRead;
    if (bytesRead === 0) {
      if (kept > 0 || skipping) yield [{ number: number + 1, bytes: buffer, from: 0, to: end, tooLong: skipping }];
      return;
    }
    const lines: Line[] = [];
    let from = 0;
    for (let to = buffer.indexOf(LINE_END, kept); to !== -1 && to < end; to = buffer.indexOf(LINE_END, from)) {
      number += 1;
      lines.push({ number, bytes: buffer, from, to, tooLong: skipping || to - from > MAX_LINE_BYTES });
      skipping = false;
      from = to + 1;
    }
    kept = end - from;
    if (kept > MAX_LINE_BYTES) skipping = true;
    if (skipping) kept = 0;
    if (kept >= other.length) other = Buffer.allocUnsafe(buffer.length * 2);
    buffer.copy(other, 0, from, from + kept);
    [buffer, other] = [other, buffer];
    reading = read(handle, buffer, kept);
    if (lines.length > 0) yield lines;
  }
}

/** Reads as much as fits behind `from`. A failure counts when it is awaited, which may be after it happened, or never. */
function read(handle: FileHandle, buffer: Buffer, from: number): Promise<{ bytesRead: number }> {
  const reading = handle.read(buffer, from, buffer.length - from, null);
  reading.catch(() => {});
  return reading;
}
