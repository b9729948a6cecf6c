/** Budgets in whole processes: refused calls, restarts, several processes at once. */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppFolder, client, otlp, REQUIRE, runNode, start, startOtlpSink } from './harness.ts';

let provider: FakeProvider;
let app: AppFolder;

beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider.close());
afterEach(() => {
  app.remove();
  provider.reset();
});

/** An app that makes so many calls, one after the other, and prints what was refused. */
function caller(calls: number, more = ''): string {
  return `const { BudgetExceededError } = require('tokenmeter'); ${client(provider)} ${more}
    (async () => {
      for (let index = 0; index < ${calls}; index++) {
        try { await call(); }
        catch (error) { console.log(error instanceof BudgetExceededError, error.budget, error.unit, error.spent); }
      }
    })();`;
}

/** What all processes have written of the calls, by budget. */
function calls(): number {
  const folder = join(app.path, '.tokenmeter', 'budgets');
  const last = new Map<string, number>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.jsonl'))) {
    for (const text of readFileSync(join(folder, name), 'utf8').trim().split('\n')) {
      const { w, k, s, t } = JSON.parse(text) as { w: string; k: string; s: number; t: number[] };
      last.set(`${w} ${k} ${s}`, t[0] ?? 0);
    }
  }
  return [...last.values()].reduce((sum, count) => sum + count, 0);
}

const alerts = (stderr: string): string[] => stderr.split('\n').filter((line) => line.startsWith('BUDGET'));

describe('a budget in tokenmeter.yaml', () => {
  it('is told of on stderr, refuses the next call without an attempt, and is remembered by the next process', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': 'budgets:\n  - { name: few, per: day, calls: 3, enforce: check, thresholds: [60%] }\n',
      'app.cjs': caller(5),
    });
    const first = await runNode(app, [...REQUIRE, 'app.cjs']);
    expect(first.stdout).toBe('true few calls 3\ntrue few calls 3\n');
    expect(alerts(first.stderr)).toEqual([expect.stringMatching(/^BUDGET WARN \| budget=few /)]);
    expect(provider.served().entries).toHaveLength(3);
    expect(app.ledger()).toHaveLength(3);

    const second = await runNode(app, [...REQUIRE, 'app.cjs']);
    expect(second.stdout.split('\n').filter((line) => line === 'true few calls 3')).toHaveLength(5);
    expect(alerts(second.stderr)).toEqual([]);
    expect(provider.served().entries).toHaveLength(3);
  });

  it('keeps its state where the ledger is off, and outlives a line that was cut off', async () => {
    const sink = await startOtlpSink();
    app = new AppFolder({
      'tokenmeter.yaml': 'budgets: [{ name: few, per: day, calls: 3, enforce: check }]\n',
      'app.cjs': caller(2),
    });
    const env = { ...otlp(sink), TOKENMETER_ENVIRONMENT: 'staging' };
    expect((await runNode(app, [...REQUIRE, 'app.cjs'], env)).stdout).toBe('');
    expect(app.ledger()).toEqual([]);
    const folder = join(app.path, '.tokenmeter', 'budgets');
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    appendFileSync(join(folder, file as string), '{"w":"cut o');
    expect((await runNode(app, [...REQUIRE, 'app.cjs'], env)).stdout).toBe('true few calls 3\n');
    expect(sink.metricNames()).toEqual(expect.arrayContaining(['tokenmeter.budget.blocked']));
    // Another environment is another budget.
    expect((await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink))).stdout).toBe('');
    await sink.close();
  });

  it('is one budget for all processes of the host, and one of them tells', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': 'budgets: [{ name: all, per: day, calls: 50, thresholds: [100%] }]\n',
      'app.cjs': `${caller(25)} setTimeout(() => {}, 2500);`,
    });
    const ended = await Promise.all([1, 2, 3, 4].map(() => runNode(app, [...REQUIRE, 'app.cjs'])));
    expect(calls()).toBe(100);
    expect(ended.flatMap(({ stderr }) => alerts(stderr))).toEqual([expect.stringContaining('budget=all')]);
  });

  it('loses no more than the last moment of a process that is killed', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': 'budgets: [{ name: all, per: day, calls: 50 }]\n',
      'app.cjs': `${client(provider)} (async () => {
        for (let index = 0; index < 10; index++) await call();
        setTimeout(() => console.log('written'), 1000);
        setTimeout(() => {}, 60000);
      })();`,
    });
    const running = start(app, [...REQUIRE, 'app.cjs']);
    await running.printed('written');
    running.child.kill('SIGKILL');
    await running.ended;
    expect(calls()).toBe(10);
  });

  it('does nothing at all with TOKENMETER_BUDGETS=off', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': 'budgets: [{ name: few, per: day, calls: 1, enforce: check }]\n',
      'app.cjs': caller(3),
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], { TOKENMETER_BUDGETS: 'off' });
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(app.ledger()).toHaveLength(3);
    expect(readdirSync(join(app.path, '.tokenmeter'))).not.toContain('budgets');
  });

  it('asks the app for a cheaper model, and tells it of every alert', async () => {
    app = new AppFolder({
      'tokenmeter.yaml':
        'budgets: [{ name: few, per: day, calls: 2, enforce: check, thresholds: [40%], actions: [] }]\n',
      'app.cjs': caller(
        2,
        `const { onBudgetAlert, onBudgetDowngrade } = require('tokenmeter');
         onBudgetAlert((alert) => console.log('alert', alert.edges[0].identity.budget, alert.edges[0].state));
         onBudgetDowngrade(({ model, refused }) => { console.log('asked', model, refused); return 'gpt-4.1-nano'; });`,
      ),
    });
    const { stdout } = await runNode(app, [...REQUIRE, 'app.cjs']);
    // Alerts are told outside of the call, whenever they are.
    expect(stdout.trim().split('\n').sort()).toEqual(['alert few WARN', 'asked gpt-4o-mini false']);
    expect(app.ledger().map((call) => call['gen_ai.request.model'])).toEqual(['gpt-4o-mini', 'gpt-4.1-nano']);
  });
});
