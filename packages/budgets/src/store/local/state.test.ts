import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BudgetEdge } from '../../alerts/types.ts';
import { Engine } from '../../engine.ts';
import { budgets, call, DAY, HOUR, NOON } from '../../testing.ts';
import { localState } from './state.ts';

let dir: string;
let now: number;
const open: Engine[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'state-'));
  now = NOON;
});
afterEach(() => {
  for (const engine of open.splice(0)) engine.state.close();
  rmSync(dir, { recursive: true, force: true });
});

const edges: BudgetEdge[] = [];

function engine(per = 'day', readOnly = false): Engine {
  edges.length = 0;
  const made = new Engine({
    budgets: budgets({ name: 'b', per, calls: 5, each: 'tenant', thresholds: ['100%'] }),
    state: localState({ dir, readOnly, now: () => now }),
    onEdge: (edge) => edges.push(edge),
    now: () => now,
  });
  open.push(made);
  return made;
}

function spend(by: Engine, calls: number, tenant = 'acme'): void {
  for (let index = 0; index < calls; index++) by.record(call({ startTime: now, attribution: { tenant } }));
}

function spent(by: Engine): Record<string, number> {
  return Object.fromEntries([...by.accounts()].map(({ value, spent: quantity }) => [value, quantity]));
}

const files = (): string[] => readdirSync(join(dir, 'budgets')).filter((name) => name.endsWith('.jsonl'));

describe('state in files', () => {
  it.each(['day', '1h'])('is shared by processes and outlives them, per %s', async (per) => {
    const [one, two] = [engine(per), engine(per)];
    spend(one, 2);
    spend(two, 1);
    await one.state.flush();
    await two.state.flush();
    await one.state.flush();
    expect([spent(one), spent(two)]).toEqual([{ acme: 3 }, { acme: 3 }]);
    spend(two, 3);
    expect(edges).toHaveLength(1);
    await two.state.flush();
    await one.state.flush();
    expect(edges).toHaveLength(1);
    one.state.close();
    two.state.close();
    const next = engine(per);
    await next.adopt();
    expect(spent(next)).toEqual({ acme: 6 });
    expect(edges).toEqual([]);
    expect(next.state.id).toBe(one.state.id);
  });

  it('lets one process tell once more of what holds, however many see it', async () => {
    const [one, two] = [engine(), engine()];
    spend(one, 6);
    const [edge] = edges;
    await one.state.flush();
    await two.state.flush();
    spend(two, 1);
    expect(edges).toHaveLength(1);
    const claims = [one, two, one].map((by) => by.claimAgain(edge as BudgetEdge, 1));
    expect(await Promise.all(claims)).toEqual([true, false, false]);
    expect(await two.claimAgain(edge as BudgetEdge, 2)).toBe(true);
    now += DAY;
    one.tick();
    expect(edges.map(({ state }) => state)).toEqual(['OVER', 'RESET']);
    // Such claims are no thresholds: the next process has nothing to take over, and nothing to reset.
    expect([...engine().accounts()].map(({ told }) => told)).toEqual([]);
    expect(edges).toEqual([]);
  });

  it('counts together what ends in several processes after the window that it belongs to', async () => {
    const [one, two] = [engine('hour'), engine('hour')];
    const late = (by: Engine, calls: number): void => {
      for (let index = 0; index < calls; index++) {
        by.record(call({ startTime: NOON - HOUR, duration: HOUR + 1, attribution: { tenant: 'acme' } }));
      }
    };
    late(one, 3);
    await one.state.flush();
    await two.state.flush();
    late(two, 2);
    expect(edges).toEqual([]);
    late(two, 1);
    expect(edges).toMatchObject([{ state: 'OVER', spent: 6n, window: { start: NOON - HOUR, end: NOON } }]);
    await two.state.flush();
    await one.state.flush();
    late(one, 1);
    expect(edges).toHaveLength(1);
  });

  it('counts a line once that is read twice, or is in two files', async () => {
    const one = engine();
    spend(one, 2);
    one.state.close();
    const [file = ''] = files();
    const path = join(dir, 'budgets', file);
    const text = `{"broken\n${readFileSync(path, 'utf8')}`;
    writeFileSync(path, text + text);
    writeFileSync(join(dir, 'budgets', 'merged-copy.jsonl'), text);
    const two = engine();
    await two.adopt();
    expect(spent(two)).toEqual({ acme: 2 });
  });

  it('merges what processes left that are gone, and forgets windows that are over', async () => {
    for (const tenant of ['a', 'b', 'c']) {
      const gone = engine('week');
      spend(gone, 1, tenant);
      gone.state.close();
    }
    const before = files();
    expect(before).toHaveLength(3);
    const old = (now - 3 * DAY) / 1000;
    for (const name of before) utimesSync(join(dir, 'budgets', name), old, old);
    const next = engine('week');
    expect(files()).toHaveLength(1);
    await next.adopt();
    expect(spent(next)).toEqual({ a: 1, b: 1, c: 1 });
    now = NOON + 8 * DAY;
    utimesSync(join(dir, 'budgets', files()[0] ?? ''), old, old);
    engine('week');
    expect(files()).toEqual([]);
  });

  it('keeps its own file small, and loses nothing by it', async () => {
    const one = engine();
    for (let turn = 0; turn < 40; turn++) {
      for (let tenant = 0; tenant < 100; tenant++) spend(one, 1, `tenant-${tenant}`);
      await one.state.flush();
    }
    const [file = ''] = files();
    expect(statSync(join(dir, 'budgets', file)).size).toBeLessThan(600 * 1024);
    const two = engine();
    await two.adopt();
    expect(new Set(Object.values(spent(two)))).toEqual(new Set([40]));
    expect(Object.keys(spent(two))).toHaveLength(100);
  });

  it('writes nothing for whoever only looks', () => {
    expect(() => engine('day', true)).not.toThrow();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('compares with a changed amount without repeating what holds, over a restart', async () => {
    const told = async (calls: number, more: number): Promise<string[]> => {
      const list: BudgetEdge[] = [];
      const made = new Engine({
        budgets: budgets({ name: 'b', per: 'day', calls, thresholds: ['50%', '100%'] }),
        state: localState({ dir, now: () => now }),
        onEdge: (edge) => list.push(edge),
        now: () => now,
      });
      for (let index = 0; index < more; index++) made.record(call({ startTime: now }));
      made.state.close();
      return list.map(({ state, threshold }) => `${state} ${threshold}`);
    };
    expect(await told(4, 5)).toEqual(['WARN 0.5', 'OVER 1']);
    // 5 of 8: half of it holds still and is not told again; the whole is not crossed any more, and may be told anew.
    expect(await told(8, 1)).toEqual([]);
    expect(await told(8, 3)).toEqual(['OVER 1']);
    // 9 of 6: both hold.
    expect(await told(6, 1)).toEqual([]);
    now = NOON + 13 * HOUR;
    expect(await told(6, 0)).toEqual(['RESET 1']);
  });
});
