/** The end of a process, in real processes on the build: what the event loop does not wait for must be on disk. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCalls } from './reader.ts';

const BUILD = fileURLToPath(new URL('../../dist/index.cjs', import.meta.url));

/** A ledger writer, and `call(n)` that writes a call with the span id n. */
const PRELUDE = `
  const { createLedgerWriter } = require(${JSON.stringify(BUILD)});
  const open = (dir) => {
    const writer = createLedgerWriter({ dir, resource: {} });
    const call = (id) => writer.write({
      traceId: '0af7651916cd43dd8448eb211c80319c', spanId: id.toString(16).padStart(16, '0'), operation: 'chat',
      provider: 'openai', stream: false, startTime: Date.now(), duration: 1, outcome: 'completed',
      attribution: { feature: 'a' }, usageSource: 'none', cost: { status: 'usage_unknown', version: '', flags: [] },
      attributes: {},
    });
    return { writer, call };
  };
`;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ledger-process-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function run(script: string): { status: number | null; stderr: string } {
  const env = { ...process.env, LEDGER: dir, PRELUDE };
  const { status, stderr } = spawnSync(process.execPath, ['-e', `${PRELUDE}\n${script}`], { env, encoding: 'utf8' });
  return { status, stderr };
}

async function spanIds(): Promise<number[]> {
  const ids: number[] = [];
  for await (const { spanId } of readCalls({ dir })) ids.push(Number.parseInt(spanId, 16));
  return ids.sort((a, b) => a - b);
}

function files(): string[] {
  return readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
}

describe('the last calls of a process', () => {
  it.each([
    ['that ends', 'call(1);', 0],
    ['that exits at once', 'call(1); process.exit(3);', 3],
    ['that dies of an error', 'call(1); throw new Error("x");', 1],
    ['that ends calls while it exits', 'process.on("exit", () => call(1)); ', 0],
  ])('%s are written', async (_, script, status) => {
    expect(run(`const { call } = open(process.env.LEDGER); ${script}`).status).toBe(status);
    expect(await spanIds()).toEqual([1]);
  });

  it('are written when it exits in mid-flush', async () => {
    const { status, stderr } = run(`
      const { writer, call } = open(process.env.LEDGER);
      for (let id = 1; id <= 400; id++) call(id);
      writer.flush();
      for (let id = 401; id <= 450; id++) call(id);
      process.exit(0);
    `);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await spanIds()).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
  });

  it('keep no process alive', () => {
    const { stderr } = run(
      'open(process.env.LEDGER).call(1); console.error(process.getActiveResourcesInfo().includes("Timeout"));',
    );
    expect(stderr).toBe('false\n');
  });
});

it('worker threads and child processes have files of their own', async () => {
  const { status, stderr } = run(`
    const { fork } = require('node:child_process');
    const { Worker } = require('node:worker_threads');
    const { call } = open(process.env.LEDGER);
    call(1);
    const inner = (id) => process.env.PRELUDE + 'open(process.env.LEDGER).call(' + id + ');';
    new Worker(inner(2), { eval: true });
    fork('-e', [inner(3)], { execArgv: [] , execPath: process.execPath, stdio: 'inherit' }).on('error', (e) => { throw e; });
  `);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(await spanIds()).toEqual([1, 2, 3]);
  expect(files()).toHaveLength(3);
});
