import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toOtlp } from '../otlp/encode.ts';
import type { CallRecord } from '../record.ts';
import { aCall, anyCall } from '../records.fixture.ts';
import { type BadLine, LedgerReadError, type ReadOptions, readCalls } from './reader.ts';
import { createLedgerWriter, type LedgerWriterOptions } from './writer.ts';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 20, 12);

let home: string;
let dir: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ledger-'));
  dir = join(home, '.tokenmeter');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function writeAll(calls: readonly CallRecord[], options: Partial<LedgerWriterOptions> = {}): void {
  const writer = createLedgerWriter({ dir, resource: {}, now: () => NOON, ...options });
  for (const call of calls) writer.write(call);
  writer.close();
}

async function readAll(options: ReadOptions = {}): Promise<CallRecord[]> {
  const calls: CallRecord[] = [];
  for await (const call of readCalls({ dir, ...options })) calls.push(call);
  return calls;
}

function callFiles(): string[] {
  return readdirSync(dir)
    .filter((name) => name.startsWith('calls-'))
    .sort();
}

describe('a ledger', () => {
  it('gives back what was written', async () => {
    const calls = fc.sample(anyCall, 120).map((call, index) => ({
      ...call,
      spanId: (index + 1).toString(16).padStart(16, '0'),
    }));
    writeAll(calls, { now: () => 4e12 });
    const read = await readAll();
    const bySpan = (a: CallRecord, b: CallRecord): number => (a.spanId < b.spanId ? -1 : 1);
    expect(read.sort(bySpan)).toStrictEqual(calls.toSorted(bySpan));
  });

  it('is the owner’s only and ignores itself for git', () => {
    writeAll([aCall()]);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dir, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('is not there before the first call', () => {
    writeAll([]);
    expect(() => statSync(dir)).toThrow('ENOENT');
  });

  it('puts a call into the file of the UTC day in which it started', () => {
    const lateNight = aCall({ startTime: Date.UTC(2026, 10, 20, 23, 59), duration: 120_000 });
    const afterMidnight = aCall({ startTime: Date.UTC(2026, 10, 21, 0, 1) });
    writeAll([lateNight, afterMidnight], { instance: 'a' });
    expect(callFiles()).toEqual(['calls-20261120-a.otlp.jsonl', 'calls-20261121-a.otlp.jsonl']);
    expect(readFileSync(join(dir, callFiles()[0] as string), 'utf8')).toContain(lateNight.spanId);
  });

  it('begins a new part when a file has its size', async () => {
    const calls = Array.from({ length: 40 }, () => aCall());
    const writer = createLedgerWriter({ dir, resource: {}, now: () => NOON, maxBytes: 4096, instance: 'a' });
    for (const call of calls) {
      writer.write(call);
      await writer.flush();
    }
    writer.close();
    const files = callFiles();
    expect(files.length).toBeGreaterThan(3);
    expect(files).toContain('calls-20261120-a.1.otlp.jsonl');
    for (const name of files) expect(statSync(join(dir, name)).size).toBeLessThan(4096 + 2048);
    expect(await readAll()).toHaveLength(40);
  });

  it('deletes files past their days and nothing else', () => {
    writeAll([aCall({ startTime: NOON - 31 * DAY }), aCall({ startTime: NOON - 30 * DAY })], { instance: 'old' });
    writeFileSync(join(dir, 'traces.jsonl'), '');
    writeAll([aCall({ startTime: NOON })], { instance: 'new', keepDays: 30 });
    expect(readdirSync(dir).sort()).toEqual([
      '.gitignore',
      'calls-20261021-old.otlp.jsonl',
      'calls-20261120-new.otlp.jsonl',
      'traces.jsonl',
    ]);
  });

  it('is on disk a second after the call, without a flush', async () => {
    const writer = createLedgerWriter({ dir, resource: {}, now: () => NOON });
    writer.write(aCall());
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(await readAll()).toHaveLength(1);
    writer.close();
  });

  it('loses nothing under a burst, and to a close in mid-flush', async () => {
    const calls = Array.from({ length: 3000 }, () => aCall());
    const writer = createLedgerWriter({ dir, resource: {}, now: () => NOON });
    for (const call of calls) writer.write(call);
    writer.close();
    expect(await readAll()).toHaveLength(3000);
    expect(readFileSync(join(dir, callFiles()[0] as string), 'utf8').split(calls[0]?.spanId as string)).toHaveLength(2);
  });

  it('goes on in a new folder when somebody deletes the old one', async () => {
    const writer = createLedgerWriter({ dir, resource: {}, now: () => NOON });
    writer.write(aCall());
    await writer.flush();
    rmSync(dir, { recursive: true });
    writer.write(aCall());
    writer.close();
    expect(await readAll()).toHaveLength(1);
  });

  it('gives each call once, however often it is in the files', async () => {
    const call = aCall();
    writeAll([call, call], { instance: 'a' });
    writeAll([call], { instance: 'b' });
    expect(await readAll()).toHaveLength(1);
  });
});

describe('a window', () => {
  it('is half-open, and a call belongs to the window in which it started', async () => {
    const times = [NOON - 1, NOON, NOON + DAY - 1, NOON + DAY];
    writeAll(times.map((startTime) => aCall({ startTime, duration: 2 * DAY })));
    const inside = await readAll({ since: NOON, until: NOON + DAY });
    expect(inside.map((call) => call.startTime)).toEqual([NOON, NOON + DAY - 1]);
  });

  it('does not open files of other days', async () => {
    writeAll([aCall()], { instance: 'a' });
    writeFileSync(join(dir, 'calls-20261118-b.otlp.jsonl'), 'garbage\n');
    const bad: BadLine[] = [];
    await readAll({ since: NOON, onBadLine: (line) => bad.push(line) });
    expect(bad).toEqual([]);
    await readAll({ since: NOON - 3 * DAY, onBadLine: (line) => bad.push(line) });
    expect(bad).toHaveLength(1);
  });
});

describe('lines that are none of ours', () => {
  it('are named and skipped, and cost no other line', async () => {
    writeAll([aCall()], { instance: 'a' });
    const file = join(dir, callFiles()[0] as string);
    const good = toOtlp([aCall()], {});
    appendFileSync(file, `${good.slice(0, 100)}\n\n[1,2]\n{"resourceMetrics":[]}\n${good}\n${'x'.repeat(3_000_000)}`);
    const bad: BadLine[] = [];
    expect(await readAll({ onBadLine: (line) => bad.push(line) })).toHaveLength(2);
    expect(bad.map(({ line }) => line)).toEqual([2, 4, 5, 7]);
    expect(new Set(bad.map((line) => line.file))).toEqual(new Set([file]));
  });

  it('of a collector’s file exporter are read as far as they are inference spans', async () => {
    const span = (id: string, operation: string, more: object[] = []): object => ({
      traceId: '5b8aa5a2d2c872e8321cf37308d69df2',
      spanId: id,
      name: operation,
      kind: 3,
      startTimeUnixNano: `${NOON}000000`,
      endTimeUnixNano: `${NOON + 250}000000`,
      attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: operation } }, ...more],
      status: { code: 2 },
    });
    const tokens = [
      { key: 'gen_ai.usage.input_tokens', value: { intValue: 12 } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: '-3' } },
      { key: 'gen_ai.request.model', value: { stringValue: 'gpt-4o' } },
    ];
    const line = {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
          scopeSpans: [
            {
              scope: { name: 'other' },
              spans: [
                span('00f067aa0ba902b7', 'chat', tokens),
                span('00f067aa0ba902b8', 'invoke_agent', tokens),
                span('00f067aa0ba902b9', 'execute_tool'),
                { spanId: 7, attributes: 'none' },
              ],
            },
          ],
        },
        null,
        { scopeSpans: 'x' },
      ],
    };
    writeAll([aCall()]);
    writeFileSync(join(dir, 'traces.jsonl'), `${JSON.stringify(line)}\n`);
    const bad: BadLine[] = [];
    const [, theirs, ...more] = await readAll({ onBadLine: (entry) => bad.push(entry) });
    expect(more).toEqual([]);
    expect(bad).toEqual([]);
    expect(theirs).toMatchObject({
      requestModel: 'gpt-4o',
      service: 'shop',
      duration: 250,
      outcome: 'failed',
      attribution: { feature: 'untagged' },
      usage: { input: 12 },
      usageSource: 'provider',
      cost: { status: 'unpriced' },
    });
    expect(theirs?.cost).not.toHaveProperty('pico');
  });
});

describe('a store that refuses', () => {
  it('is named once, and the app runs on', async () => {
    writeFileSync(join(home, 'file'), '');
    const warnings: string[] = [];
    const writer = createLedgerWriter({
      dir: join(home, 'file', '.tokenmeter'),
      resource: {},
      onWarning: (message) => {
        warnings.push(message);
        throw new Error('a logger that fails');
      },
    });
    for (let round = 0; round < 3; round++) {
      writer.write(aCall());
      await writer.flush();
    }
    writer.write(aCall());
    writer.close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('ENOTDIR');
  });

  it.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
    'for want of space loses what did not fit, and goes on when there is some',
    async (context) => {
      const disk = join(home, 'disk');
      const mounted = spawnSync('sh', ['-c', `mkdir ${disk} && mount -t tmpfs -o size=64k tmpfs ${disk}`]);
      if (mounted.status !== 0) context.skip('a small file system cannot be mounted here');
      try {
        const warnings: string[] = [];
        const full = createLedgerWriter({
          dir: disk,
          resource: {},
          instance: 'a',
          now: () => NOON,
          onWarning: (message) => warnings.push(message),
        });
        full.write(aCall());
        await full.flush();
        const filler = join(disk, 'filler');
        spawnSync('sh', ['-c', `dd if=/dev/zero of=${filler} bs=1k count=100 2>/dev/null`]);
        for (let index = 0; index < 20; index++) full.write(aCall());
        await full.flush();
        rmSync(filler);
        full.write(aCall());
        full.close();
        expect(warnings).toHaveLength(1);
        expect(warnings[0]).toContain('ENOSPC');
        expect((await readAll({ dir: disk })).length).toBeGreaterThanOrEqual(2);
      } finally {
        spawnSync('umount', [disk]);
      }
    },
  );

  it('cannot be read in part without a word', async () => {
    writeFileSync(join(home, 'file'), '');
    await expect(readAll({ dir: join(home, 'file') })).rejects.toThrow(LedgerReadError);
    expect(await readAll({ dir: join(home, 'nowhere') })).toEqual([]);
  });
});
