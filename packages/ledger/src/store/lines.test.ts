import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { lineBatches } from './lines.ts';

const MEGABYTE = 1024 * 1024;
const home = mkdtempSync(join(tmpdir(), 'lines-'));
afterAll(() => rmSync(home, { recursive: true }));

/** `length` letters; each line has its own. */
function lineOf(length: number, index: number): string {
  return String.fromCharCode(97 + (index % 26)).repeat(length);
}

async function read(content: string): Promise<(string | number)[]> {
  const file = join(home, 'file');
  writeFileSync(file, content);
  const lines: (string | number)[] = [];
  for await (const batch of lineBatches(file)) {
    // Whatever is read ahead has come by now, and must have left this batch alone.
    for (let times = 0; times < 20; times++) await turn();
    for (const { bytes, from, to, tooLong, number } of batch) {
      lines.push(tooLong ? number : bytes.toString('latin1', from, to));
    }
  }
  return lines;
}

describe('lines', () => {
  it('come whole, wherever the ends of the chunks fall', async () => {
    const lengths = [0, 10, MEGABYTE - 12, MEGABYTE, MEGABYTE - 1, MEGABYTE - 2, 2.5 * MEGABYTE, 0, 1, 7, 3 * MEGABYTE];
    const lines = lengths.map(lineOf);
    expect(await read(lines.map((line) => `${line}\n`).join(''))).toEqual(lines);
    expect(await read(lines.join('\n'))).toEqual(lines);
    const short = Array.from({ length: 300_000 }, (_, index) => lineOf(index % 13, index)).join('\n');
    expect((await read(short)).join('\n') === short).toBe(true);
  });

  it('that are too long are counted and passed over', async () => {
    expect(await read(`a\n${'x'.repeat(40 * MEGABYTE)}\nb\n`)).toEqual(['a', 2, 'b']);
  });
});
