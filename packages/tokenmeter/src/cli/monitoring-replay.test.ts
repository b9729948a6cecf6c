import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallRecord, createLedgerWriter, fromOtlp } from '@tokenmeter/ledger';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from './program.ts';

let dir: string;
let said: { out: string; err: string };
let server: Server;
let bodies: string[];
let status: number;
/** Requests that are answered with 200 before `status` holds. */
let taken: number;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tokenmeter-replay-'));
  said = { out: '', err: '' };
  bodies = [];
  status = 200;
  taken = 0;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = taken > 0 ? 200 : status;
      taken -= 1;
      if (answer === 200) bodies.push(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(answer).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

function call(index: number): CallRecord {
  return {
    traceId: index.toString(16).padStart(32, '0'),
    spanId: (index + 1).toString(16).padStart(16, '0'),
    operation: 'chat',
    provider: 'openai',
    requestModel: 'gpt-4o',
    stream: false,
    // Not in this millisecond: a replay sends what was before now.
    startTime: Date.now() - 1000,
    duration: 5,
    outcome: 'completed',
    attribution: { feature: 'search' },
    usage: { input: 1000, output: 10 },
    usageSource: 'provider',
    cost: { status: 'priced', pico: 2_600_000_000n, usd: 0.0026, version: 'v', flags: [] },
    attributes: {},
    service: index % 2 ? 'api' : 'worker',
  };
}

function write(from: number, to: number): void {
  const writer = createLedgerWriter({ dir, resource: {} });
  for (let index = from; index < to; index += 1) writer.write(call(index));
  writer.close();
}

function replay(): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const io = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    ...{ env: {}, cwd: dir, now: Date.now },
  };
  return main(['ledger', 'replay', '--dir', dir, '--endpoint', `http://127.0.0.1:${port}`], io);
}

const sentIds = (): string[] => bodies.flatMap((body) => fromOtlp(body).map(({ spanId }) => spanId));

test('every call is sent once, with its service, whatever the number of runs', async () => {
  write(0, 1200);
  expect(await replay()).toBe(0);
  expect(new Set(sentIds()).size).toBe(1200);
  expect(sentIds()).toHaveLength(1200);
  expect(new Set(bodies.flatMap((body) => fromOtlp(body).map(({ service }) => service)))).toEqual(
    new Set(['api', 'worker']),
  );

  expect(await replay()).toBe(0);
  expect(sentIds()).toHaveLength(1200);
  expect(said.out).toContain('Every call was sent before.');

  write(1200, 1203);
  expect(await replay()).toBe(0);
  expect(sentIds()).toHaveLength(1203);
});

test('what a collector did not take is sent by the next run', async () => {
  write(0, 3);
  status = 503;
  expect(await replay()).toBe(1);
  expect(said.err).toContain('it answered 503');
  expect(said.err).toContain('collector-replay.yaml');
  status = 200;
  expect(await replay()).toBe(0);
  expect(sentIds()).toHaveLength(3);
});

test('what one service had taken is not sent again because another was refused', async () => {
  write(0, 4);
  [status, taken] = [503, 1];
  expect(await replay()).toBe(1);
  expect(said.out).toContain('2 calls were sent');
  status = 200;
  expect(await replay()).toBe(0);
  expect(sentIds()).toHaveLength(4);
  expect(new Set(sentIds()).size).toBe(4);
});

test('a collector that is not there is named, and an empty ledger is no failure', async () => {
  expect(await replay()).toBe(0);
  expect(said.out).toContain('No calls in');
  write(0, 1);
  await new Promise((resolve) => server.close(resolve));
  writeFileSync(join(dir, 'unused'), '');
  const io = {
    out: () => {},
    err: (text: string) => void Object.assign(said, { err: said.err + text }),
    env: {},
    cwd: dir,
    now: Date.now,
  };
  expect(await main(['ledger', 'replay', '--dir', dir, '--endpoint', 'http://127.0.0.1:1'], io)).toBe(1);
  expect(said.err).toContain('http://127.0.0.1:1/v1/traces did not take the calls');
});
