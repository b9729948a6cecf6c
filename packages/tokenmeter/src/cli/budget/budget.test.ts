import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileBudgets, Engine, localState } from '@tokenmeter/budgets';
import { type CallRecord, createLedgerWriter } from '@tokenmeter/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../program.ts';

const NOW = Date.UTC(2026, 10, 26, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const USD = 1_000_000_000_000n;

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'budget-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function tokenmeter(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const add = (text: string): void => {
    out += text;
  };
  const code = await main(args, { out: add, err: (text) => (err += text), env: {}, cwd: home, now: () => NOW });
  return { code, out, err };
}

function config(text: string): void {
  writeFileSync(join(home, 'tokenmeter.yaml'), text);
}

let made = 0;

function call(at: number, usd: bigint | undefined, more: Partial<CallRecord> = {}): CallRecord {
  made += 1;
  return {
    traceId: made.toString(16).padStart(32, 'a'),
    spanId: made.toString(16).padStart(16, '0'),
    operation: 'chat',
    provider: 'openai',
    requestModel: 'gpt-4o',
    stream: false,
    startTime: at,
    duration: 100,
    outcome: 'completed',
    attribution: { feature: 'agent' },
    usage: { input: 1000, output: 100 },
    usageSource: 'provider',
    cost: {
      status: usd === undefined ? 'unpriced' : 'priced',
      version: '1',
      flags: [],
      ...(usd !== undefined && { pico: usd }),
    },
    attributes: {},
    ...more,
  };
}

function ledger(calls: readonly CallRecord[]): void {
  const writer = createLedgerWriter({ dir: join(home, '.tokenmeter'), resource: {}, now: () => NOW });
  for (const one of calls) writer.write(one);
  writer.close();
}

describe('tokenmeter check', () => {
  it('compares a window with a budget of the same window, never a week with a day', async () => {
    config('features: { agent: { budget: { usd: 5, per: day } } }\nbudgets: [{ name: weekly, usd: 20, per: week }]\n');
    ledger(Array.from({ length: 7 }, (_, day) => call(NOW - HOUR - day * DAY, 4n * USD)));
    const within = await tokenmeter('check');
    expect(within.code).toBe(0);
    expect(within.err).toContain(`All within · 2 compared · source: the ledger in ${join(home, '.tokenmeter')}`);
    ledger([call(NOW - HOUR, 2n * USD)]);
    const over = await tokenmeter('check', '--json');
    expect(over.code).toBe(1);
    const { budgets, source } = JSON.parse(over.out);
    expect(source.kind).toBe('ledger');
    expect(budgets).toMatchObject([
      { budget: 'agent', window: 'day', spent: 6, amount: 5, state: 'OVER', resets_at: '2026-11-27T00:00:00.000Z' },
      // Monday to Thursday: four of the seven days.
      { budget: 'weekly', window: 'week', spent: 18, amount: 20, state: 'WARN' },
    ]);
  });

  it('exits with 2 for a mistake, with 3 where there is nothing to compare with', async () => {
    expect((await tokenmeter('check')).code).toBe(2);
    config('budgets: [{ usd: 1, per: fortnight }]');
    expect((await tokenmeter('check')).code).toBe(2);
    config('budgets: [{ usd: 1, per: day }]');
    const nothing = await tokenmeter('check');
    expect(nothing.code).toBe(3);
    expect(nothing.err).toContain('does not exist');
    mkdirSync(join(home, '.tokenmeter'));
    expect((await tokenmeter('check', '--source', 'state')).code).toBe(3);
  });

  it('names calls of unknown cost; with --strict they are no pass', async () => {
    config('budgets: [{ name: d, usd: 1, per: day }]');
    ledger([call(NOW - HOUR, undefined), call(NOW - HOUR, 1n)]);
    const lax = await tokenmeter('check');
    expect(lax).toMatchObject({
      code: 0,
      err: expect.stringContaining('d (all) has calls of unknown cost: +1 unpriced'),
    });
    expect((await tokenmeter('check', '--strict')).code).toBe(3);
  });

  it('looks in the ledger for a budget with which no process has run yet', async () => {
    config('budgets: [{ name: d, usd: 1, per: day }, { name: new, usd: 3, per: week }]');
    const { budgets } = compileBudgets({ budgets: [{ name: 'd', usd: 1, per: 'day' }] });
    const state = localState({ dir: join(home, '.tokenmeter'), now: () => NOW });
    const engine = new Engine({ budgets, state, onEdge: () => {}, now: () => NOW });
    engine.record(call(NOW - HOUR, USD / 2n));
    state.close();
    ledger([call(NOW - DAY, 4n * USD)]);
    const { code, out, err } = await tokenmeter('check', '--json');
    expect(code).toBe(1);
    expect(err).toContain('; for new, of which it has nothing, the ledger in');
    expect(JSON.parse(out).budgets).toMatchObject([
      { budget: 'new', spent: 4, state: 'OVER' },
      { budget: 'd', spent: 0.5, state: 'OK' },
    ]);
    expect((await tokenmeter('check', '--source', 'state')).code).toBe(0);
  });

  it('reads the state that processes share, and resets what is over where they are gone', async () => {
    config('budgets: [{ name: d, usd: 1, per: day }]');
    const { budgets } = compileBudgets({ budgets: [{ name: 'd', usd: 1, per: 'day' }] });
    const state = localState({ dir: join(home, '.tokenmeter'), now: () => NOW - DAY });
    const engine = new Engine({ budgets, state, onEdge: () => {}, now: () => NOW - DAY });
    engine.record(call(NOW - DAY, 2n * USD));
    state.close();
    const first = await tokenmeter('check');
    expect(first.code).toBe(0);
    expect(first.err).toContain('source: the state in');
    expect(first.err).toMatch(/^BUDGET RESET \| budget=d /);
    expect((await tokenmeter('check')).err).not.toContain('RESET');
  });
});

describe('tokenmeter budget status', () => {
  it('says what is spent, when it resets, and how far it may be overshot', async () => {
    config(`
features: { agent: { budget: { usd: 5, per: day, enforce: check } } }
budgets:
  - { name: tenants, each: tenant, tokens: 5000, per: month, enforce: reserve, timezone: Asia/Tokyo }
  - { name: one, usd: 1, per: call }
`);
    ledger([
      call(NOW - HOUR, 2n * USD, { attribution: { feature: 'agent', tenant: 'acme' } }),
      call(NOW - HOUR, undefined),
    ]);
    const { code, out } = await tokenmeter('budget', 'status');
    expect(code).toBe(0);
    const row = (name: string): string[] =>
      out
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.trim()
        .split(/\s{2,}/) ?? [];
    expect(row('agent')).toEqual([
      ...[
        'agent',
        'feature=agent',
        'day',
        '$2.0000 of $5.0000',
        '40.0%',
        'OK',
        '2026-11-27T00:00Z',
        'check',
        '+1 unpriced',
      ],
    ]);
    expect(row('tenants').slice(0, 7)).toEqual([
      ...['tenants', 'tenant=acme', 'month', '1,100 of 5,000 tokens', '22.0%', 'OK', '2026-11-30T15:00Z'],
    ]);
    expect(row('one')).toContain('not kept');
    expect(out).toContain('check: the calls in flight');
    expect(out).toContain('reserve, hold max: the error of the input estimate');
    expect(out).toContain('Source: the ledger in');
  });

  it('lists the budgets at nothing where no call was made yet', async () => {
    config('budgets: [{ name: d, usd: 5, per: day }, { name: t, usd: 5, per: day, each: tenant }]');
    const { code, out } = await tokenmeter('budget', 'status');
    expect(code).toBe(0);
    expect(out).toMatch(/^d .* \$0\.0000 of \$5\.0000 +0\.0% +OK +2026-11-27T00:00Z /m);
    expect(out).toMatch(/^t .* nothing spent /m);
    expect(out).toContain('.tokenmeter does not exist: no call has been recorded here');
    expect((await tokenmeter('budget', 'status', '--source', 'ledger')).code).toBe(3);
  });
});

describe('tokenmeter budget backtest', () => {
  it('counts windows that were running at its beginning from their start, and tells only what is in its time', async () => {
    config('budgets: [{ name: m, usd: 5, per: month, thresholds: [50%, 100%] }]');
    ledger([call(NOW - 20 * DAY, 4n * USD), call(NOW - DAY, 4n * USD)]);
    const { out } = await tokenmeter('budget', 'backtest', '--since', '7d', '--json');
    const { calls, edges } = JSON.parse(out);
    expect(calls).toBe(1);
    expect(edges).toMatchObject([{ state: 'OVER', spent: 8 }]);
  });

  it('says what would have been told, when, and by which trace', async () => {
    config('budgets: [{ name: d, usd: 5, per: day }, { name: call, usd: 9, per: call }]');
    const dear = call(NOW - 3 * DAY + HOUR, 3n * USD);
    ledger([call(NOW - 3 * DAY, 3n * USD), dear, call(NOW - DAY, 1n * USD)]);
    const { code, out } = await tokenmeter('budget', 'backtest', '--since', '30d');
    expect(code).toBe(0);
    expect(out).toContain('2026-11-23 13:00:00');
    expect(out).toContain(dear.traceId);
    expect(out).toContain('3 calls\n  d: 2 alerts, 1 of them OVER\n  call: would have told nothing');
    const { edges } = JSON.parse((await tokenmeter('budget', 'backtest', '--since', '30d', '--json')).out);
    expect(edges.map(({ state }: { state: string }) => state)).toEqual(['WARN', 'OVER', 'RESET']);
    expect((await tokenmeter('budget', 'backtest', '--since', '1h')).code).toBe(3);
  });
});

describe('tokenmeter budget test', () => {
  it('makes a fake call with the SDK, through to the channel, and another one that is refused', async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (data) => (text += data));
      request.on('end', () => {
        bodies.push(text);
        response.end('ok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    config(`
alerts: { slack: { webhook: "${url}/services/x" } }
features: { agent: { budget: { usd: 5, per: day, enforce: check, actions: [slack] } } }
budgets:
  - { name: loop, per: request, turns: 3, actions: [log] }
  - { name: t, each: plan, tokens: 9, per: 5m, actions: [log] }
  - { name: one, per: call, usd: 0.5, match: { model: claude-sonnet-4-6 }, enforce: check, actions: [log] }
  - { name: gemini, per: hour, usd: 1, match: { provider: gcp.gemini }, enforce: reserve, actions: [log] }
`);
    const { code, out, err } = await tokenmeter('budget', 'test', 'agent');
    expect(err).toContain('A call by the package openai to a fake provider on this machine: gpt-4o');
    expect(out).toContain('The next call was refused: Budget "agent" refused the call: $5.5000 of $5.0000 spent');
    expect(out).toContain('Told by: slack');
    expect(code).toBe(0);
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toContain('This is a test');
    expect((await tokenmeter('budget', 'test', 'loop')).out).toMatch(/^BUDGET OVER \| budget=loop /);
    expect((await tokenmeter('budget', 'test', 't')).out).toMatch(/^BUDGET OVER \| budget=t plan=test /);
    const one = await tokenmeter('budget', 'test', 'one');
    expect(one.err).toContain('A call by the package @anthropic-ai/sdk');
    expect(one.out).toMatch(/^BUDGET OVER \| budget=one window=call spent=\$0\.5500 of=\$0\.5000 /m);
    expect(one.out).toContain('The next call was refused: Budget "one"');
    const gemini = await tokenmeter('budget', 'test', 'gemini');
    expect(gemini.err).toContain('a record stands for the call');
    expect(gemini.out).toContain('The next call was refused: Budget "gemini"');
    server.close();
    server.closeAllConnections();
    expect((await tokenmeter('budget', 'test', 'no-such')).err).toContain('There are: agent, loop, t, one, gemini');
  });
});
