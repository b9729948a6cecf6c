import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BudgetEdge } from './alerts/types.ts';
import type { BudgetInput } from './compile.ts';
import { Engine } from './engine.ts';
import { memoryState } from './store/memory.ts';
import type { BudgetState } from './store/state.ts';
import { budgets, call, DAY, HOUR, MINUTE, NOON } from './testing.ts';

interface Desk {
  readonly engine: Engine;
  readonly edges: BudgetEdge[];
  /** `OVER 1` and the like, in the order told. */
  told(): string[];
  at(now: number): void;
}

function desk(inputs: readonly BudgetInput[], state: BudgetState = memoryState(), start = NOON): Desk {
  let now = start;
  const edges: BudgetEdge[] = [];
  const engine = new Engine({ budgets: budgets(...inputs), onEdge: (edge) => edges.push(edge), state, now: () => now });
  return {
    engine,
    edges,
    told: () => edges.map(({ state: name, threshold }) => `${name} ${threshold}`),
    at(time) {
      now = time;
      engine.tick();
    },
  };
}

describe('the life cycle', () => {
  it('goes from OK to WARN to OVER to RESET, each edge once', () => {
    const { engine, edges, told, at } = desk([{ name: 'day', per: 'day', usd: 1, owner: '@a' }]);
    for (let spent = 0; spent < 12; spent++) engine.record(call({ usd: 0.1 }));
    expect(told()).toEqual(['WARN 0.5', 'WARN 0.8', 'OVER 1']);
    expect(edges[2]).toMatchObject({
      identity: { budget: 'day', window: 'day' },
      spent: 1_100_000_000_000n,
      amount: 1_000_000_000_000n,
      coverage: { priced: 11 },
      owner: '@a',
      window: { kind: 'calendar', start: NOON - 12 * HOUR, end: NOON + 12 * HOUR, resetsAt: NOON + 12 * HOUR },
    });
    expect(edges[2]?.traceId).toMatch(/^[0-9a-f]{32}$/);
    at(NOON + 12 * HOUR - 1);
    expect(edges).toHaveLength(3);
    at(NOON + 12 * HOUR);
    at(NOON + 20 * HOUR);
    expect(told().slice(3)).toEqual(['RESET 1']);
    expect(edges[3]).toMatchObject({ crossed: [0.5, 0.8, 1], spent: 1_200_000_000_000n });
  });

  it('is strict: the amount itself is within', () => {
    const { engine, told } = desk([{ per: 'day', calls: 2, thresholds: ['100%'] }]);
    engine.record(call());
    engine.record(call());
    expect(told()).toEqual([]);
    engine.record(call());
    expect(told()).toEqual(['OVER 1']);
  });

  it('names all thresholds that one call crosses in one edge', () => {
    const { engine, edges } = desk([{ per: 'day', usd: 1 }]);
    engine.record(call({ usd: 9 }));
    expect(edges).toHaveLength(1);
    expect(edges[0]).toMatchObject({ state: 'OVER', threshold: 1, crossed: [0.5, 0.8, 1] });
  });

  it('is not past 29 % with 29 of 100, though 100 × 0.29 is less than 29', () => {
    const { engine, edges } = desk([{ per: 'day', tokens: 100, thresholds: [29] }]);
    engine.record(call({ usage: { input: 29, output: 0 } }));
    expect(edges).toEqual([]);
    engine.record(call({ usage: { input: 1, output: 0 } }));
    expect(edges).toMatchObject([{ threshold: 0.29 }]);
  });

  it('tells each threshold once per window, exactly where spend passes it, however late its calls end', () => {
    const steps = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 40 * MINUTE }),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom('a', 'b'),
        fc.integer({ min: 0, max: 55 * MINUTE }),
      ),
      { maxLength: 60 },
    );
    const shares = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(steps, shares, fc.constantFrom('hour', 'day'), (calls, thresholds, per) => {
        const { engine, edges, at } = desk([{ per, tokens: 100, each: 'tenant', thresholds }]);
        const length = per === 'hour' ? HOUR : DAY;
        const spent = new Map<string, number>();
        const expected = new Set<string>();
        let now = NOON;
        for (const [pause, tokens, tenant, duration] of calls) {
          now += pause;
          at(now);
          const startTime = now - duration;
          const window = `${tenant} ${Math.floor(startTime / length) * length}`;
          const usage = { input: tokens, output: 0 };
          engine.record(call({ startTime, duration, usage, attribution: { tenant } }));
          spent.set(window, (spent.get(window) ?? 0) + tokens);
          for (const share of thresholds)
            if ((spent.get(window) ?? 0) > share) expected.add(`${window} ${share / 100}`);
        }
        at(now + 2 * DAY);
        const told = (states: readonly string[], held = false): string[] =>
          edges
            .filter(({ state, at: seen, window: { end = 0 } }) => states.includes(state) && (!held || seen < end))
            .flatMap(({ identity, window, crossed = [] }) =>
              crossed.map((threshold) => `${identity.scope?.value} ${window.start} ${threshold}`),
            )
            .sort();
        expect(told(['WARN', 'OVER'])).toEqual([...expected].sort());
        // What was told when its window was over does not hold.
        expect(told(['RESET'])).toEqual(told(['WARN', 'OVER'], true));
      }),
    );
  });

  it('books a call in the window in which it started', () => {
    const { engine, edges, at } = desk([{ per: 'hour', usd: 1, thresholds: ['100%'] }], undefined, NOON - 1);
    at(NOON + 1);
    engine.record(call({ usd: 5, startTime: NOON - 1, duration: 2 }));
    engine.record(call({ usd: 0.5, startTime: NOON + 1 }));
    expect(edges).toMatchObject([{ window: { end: NOON }, spent: 5_000_000_000_000n }]);
    const [account] = [...engine.accounts()];
    expect(account?.spent).toBe(500_000_000);
  });

  it('tells what a call crosses that ends when its window is over, once, and of that window', () => {
    const { engine, edges, told, at } = desk(
      [{ per: 'hour', usd: 1, thresholds: ['50%', '100%'] }],
      undefined,
      NOON - 1,
    );
    engine.record(call({ usd: 0.6, startTime: NOON - 1 }));
    at(NOON + MINUTE);
    expect(told()).toEqual(['WARN 0.5', 'RESET 0.5']);
    const late = call({ usd: 0.7, startTime: NOON - MINUTE, duration: 2 * MINUTE });
    engine.record(late);
    engine.record(call({ usd: 5, startTime: NOON - MINUTE, duration: 2 * MINUTE }));
    expect(told().slice(2)).toEqual(['OVER 1']);
    expect(edges[2]).toMatchObject({
      spent: 1_300_000_000_000n,
      traceId: late.traceId,
      window: { start: NOON - HOUR, end: NOON, resetsAt: NOON },
      coverage: { priced: 2 },
    });
    // Nothing holds, and the live window is another one.
    at(NOON + HOUR);
    expect(told()).toHaveLength(3);
    engine.record(call({ usd: 2, startTime: NOON + HOUR }));
    expect(told().slice(3)).toEqual(['OVER 1']);
  });

  it('sees a call that took longer than its rolling window, with those that ran beside it', () => {
    const { engine, edges, told, at } = desk([{ per: '5m', usd: 1, thresholds: ['100%'] }]);
    at(NOON + 2 * MINUTE);
    engine.record(call({ usd: 0.6, startTime: NOON + MINUTE }));
    at(NOON + 7 * MINUTE);
    engine.record(call({ usd: 0.6, startTime: NOON, duration: 7 * MINUTE }));
    engine.record(call({ usd: 0.6, startTime: NOON, duration: 7 * MINUTE }));
    expect(told()).toEqual(['OVER 1']);
    expect(edges[0]?.window.end).toBeLessThanOrEqual(NOON + 7 * MINUTE);
    // What runs now is not past anything.
    engine.record(call({ usd: 0.9, startTime: NOON + 7 * MINUTE }));
    expect(told()).toHaveLength(1);
    engine.record(call({ usd: 0.2, startTime: NOON + 7 * MINUTE }));
    expect(told()).toEqual(['OVER 1', 'OVER 1']);
  });

  it('resets a rolling window when spend has fallen to the lowest threshold, and may then tell again', () => {
    const { engine, told, edges, at } = desk([{ per: '1h', usd: 1, thresholds: ['100%'] }]);
    engine.record(call({ usd: 2 }));
    const back = edges[0]?.window.resetsAt ?? 0;
    expect(back).toBeGreaterThanOrEqual(NOON + HOUR);
    expect(back).toBeLessThanOrEqual(NOON + HOUR + MINUTE);
    at(back - 1);
    expect(told()).toEqual(['OVER 1']);
    at(back);
    expect(told()).toEqual(['OVER 1', 'RESET 1']);
    engine.record(call({ usd: 2, startTime: back }));
    expect(told()).toEqual(['OVER 1', 'RESET 1', 'OVER 1']);
  });

  it('has no RESET for a call and a request', () => {
    const { engine, told, at } = desk([
      { name: 'call', per: 'call', usd: 0.1 },
      { name: 'request', per: 'request', calls: 2 },
    ]);
    engine.record(call({ usd: 0.2 }));
    for (let index = 0; index < 5; index++) engine.record(call({ usd: 0.01, attribution: { request: 'r1' } }));
    for (let index = 0; index < 5; index++) engine.record(call({ usd: 0.01 }));
    at(NOON + 2 * DAY);
    expect(told()).toEqual(['OVER 1', 'OVER 1']);
  });

  it('tells once where several processes share the state', () => {
    const state = memoryState();
    const two = [1, 2].map(() => desk([{ per: 'day', calls: 1, thresholds: ['100%'] }], state));
    for (const { engine } of two) for (let index = 0; index < 3; index++) engine.record(call());
    for (const { at } of two) at(NOON + DAY);
    expect(two.flatMap(({ told }) => told())).toEqual(['OVER 1', 'RESET 1']);
  });
});

describe('after a restart', () => {
  it('goes on from a RESET of which another process has told', () => {
    const state = memoryState();
    const [one, two] = [1, 2].map(() => desk([{ per: '5m', usd: 1, thresholds: ['50%', '100%'] }], state));
    one?.engine.record(call({ usd: 0.6 }));
    one?.at(NOON + 10 * MINUTE);
    expect(one?.told()).toEqual(['WARN 0.5', 'RESET 0.5']);
    two?.at(NOON + 20 * MINUTE);
    two?.engine.record(call({ usd: 2, startTime: NOON + 20 * MINUTE }));
    expect(two?.told()).toEqual(['OVER 1']);
    one?.at(NOON + 20 * MINUTE);
    one?.engine.record(call({ usd: 2, startTime: NOON + 20 * MINUTE }));
    expect(one?.told()).toHaveLength(2);
  });

  it('what was told is not told again, what holds is taken over, and what is over is reset', () => {
    const state = memoryState();
    const before = desk([{ name: 'b', per: 'day', calls: 1 }], state);
    for (let index = 0; index < 3; index++) before.engine.record(call());
    const resumed: BudgetEdge[] = [];
    const options = {
      budgets: budgets({ name: 'b', per: 'day', calls: 1 }),
      state,
      onResume: (edge: BudgetEdge) => resumed.push(edge),
    };
    const later: BudgetEdge[] = [];
    new Engine({ ...options, now: () => NOON + 1, onEdge: (edge) => later.push(edge) });
    expect(resumed).toMatchObject([{ state: 'OVER', threshold: 1 }]);
    new Engine({ ...options, now: () => NOON + DAY, onEdge: (edge) => later.push(edge) });
    new Engine({ ...options, now: () => NOON + DAY, onEdge: (edge) => later.push(edge) });
    expect(later).toMatchObject([{ state: 'RESET', threshold: 1, at: NOON + 12 * HOUR }]);
  });

  it('a changed amount is evaluated anew without repeating what still holds', () => {
    const state = memoryState();
    const spend = (amount: number, calls: number): string[] => {
      const { engine, told } = desk([{ name: 'b', per: 'day', calls: amount, thresholds: ['50%', '100%'] }], state);
      for (let index = 0; index < calls; index++) engine.record(call());
      return told();
    };
    expect(spend(4, 5)).toEqual(['WARN 0.5', 'OVER 1']);
    // The memory keeps no spend: this process starts at 0, so both may be crossed anew at the new amount.
    expect(spend(10, 6)).toEqual(['WARN 0.5']);
    expect(spend(10, 11)).toEqual(['OVER 1']);
  });
});

describe('scopes', () => {
  it('match any key, one of several values, or the beginning of one', () => {
    const { engine } = desk([
      { name: 'both', per: 'day', calls: 9, match: { feature: ['a', 'b'], plan: 'pro' } },
      { name: 'model', per: 'day', calls: 9, match: { model: 'gpt-*' } },
      { name: 'answered', per: 'day', calls: 9, match: { model: 'gpt-4o-2024-08-06' } },
      { name: 'provider', per: 'day', calls: 9, match: { provider: 'anthropic' } },
    ]);
    engine.record(call({ attribution: { feature: 'a', extra: { plan: 'pro' } } }));
    engine.record(call({ attribution: { feature: 'b', extra: { plan: 'free' } } }));
    engine.record(call({ provider: 'anthropic', requestModel: 'claude-x' }));
    engine.record(call({ responseModel: 'gpt-4o-2024-08-06' }));
    const spent = Object.fromEntries([...engine.accounts()].map((account) => [account.budget.name, account.spent]));
    expect(spent).toEqual({ both: 1, model: 3, answered: 1, provider: 1 });
  });

  it('keep each value and each environment apart', () => {
    const { engine, edges } = desk([{ name: 't', per: 'day', calls: 1, each: 'tenant', thresholds: ['100%'] }]);
    for (const environment of ['production', 'staging']) {
      for (const tenant of ['acme', 'beta']) engine.record(call({ attribution: { environment, tenant } }));
    }
    engine.record(call());
    expect(edges).toEqual([]);
    engine.record(call({ attribution: { environment: 'staging', tenant: 'beta' } }));
    expect(edges).toMatchObject([
      { identity: { environment: 'staging', scope: { key: 'tenant', value: 'beta' } }, crossed: [1] },
    ]);
  });

  it('are bounded: values past the bound share an account, with one warning', () => {
    const warnings: string[] = [];
    const engine = new Engine({
      budgets: budgets({ name: 'users', per: 'day', calls: 5, each: 'user' }),
      onEdge: () => {},
      onWarning: (message) => warnings.push(message),
      now: () => NOON,
    });
    for (let index = 0; index < 10_050; index++) engine.record(call({ attribution: { user: `u${index}` } }));
    expect([...engine.accounts()].length).toBeLessThanOrEqual(10_001);
    expect([...engine.accounts()].reduce((sum, { spent }) => sum + spent, 0)).toBe(10_050);
    expect(warnings).toHaveLength(1);
  });

  it('bound the table of requests', () => {
    const { engine } = desk([{ per: 'request', calls: 5 }]);
    for (let index = 0; index < 10_050; index++) engine.record(call());
    expect([...engine.accounts()].length).toBeLessThanOrEqual(10_000);
  });
});

describe('coverage and contributors', () => {
  it('come with every edge: unknown costs are counted, never added as 0 in silence', () => {
    const { engine, edges } = desk([{ per: 'day', usd: 1 }]);
    engine.record(call());
    engine.record(call({ cost: { status: 'usage_unknown', version: '1', flags: [] } }));
    engine.record(call({ usd: 0.2, requestModel: 'small', attribution: { tenant: 'a' } }));
    engine.record(call({ usd: 0.9, attribution: { route: '/x' } }));
    expect(edges[0]).toMatchObject({ coverage: { unpriced: 1, usage_unknown: 1, priced: 2 } });
    expect(edges[0]?.top).toEqual([
      { feature: 'untagged', model: 'gpt-4o', route: '/x', tenant: undefined, spent: 900_000_000_000n },
      { feature: 'untagged', model: 'small', route: undefined, tenant: 'a', spent: 200_000_000_000n },
    ]);
  });
});

describe('what the guides miss', () => {
  it('catches the loop of 50,000 cheap calls that no amount per call can see, by what it spends in five minutes', () => {
    const { engine, edges } = desk([
      { name: 'call', per: 'call', usd: 0.1 },
      { name: 'rate', per: '5m', usd: 5, thresholds: ['100%'] },
    ]);
    for (let index = 0; index < 50_000; index++) engine.record(call({ usd: 0.025 }));
    expect(edges).toMatchObject([{ identity: { budget: 'rate' }, state: 'OVER', spent: 5_025_000_000_000n }]);
  });

  it('catches a huge prompt by its tokens', () => {
    const { engine, edges } = desk([{ name: 'prompt', per: 'call', tokens: 100_000 }]);
    engine.record(call({ usd: 0.25, usage: { input: 100_000, output: 1 } }));
    engine.record(call({ usd: 0.25, usage: { input: 100_000, output: 0 } }));
    expect(edges).toMatchObject([{ unit: 'tokens', spent: 100_001n, window: { kind: 'call' } }]);
  });

  it('catches an agent that succeeds at every turn while its prompt grows', () => {
    const { engine, edges } = desk([{ name: 'loop', per: 'request', turns: 20 }]);
    let input = 400;
    for (let turn = 0; turn < 25; turn++) {
      const startTime = NOON + turn * 1000;
      engine.record(
        call({ usd: 0.01, startTime, duration: 900, usage: { input, output: 80 }, attribution: { request: 'r' } }),
      );
      input += 80 + 150;
    }
    expect(edges).toMatchObject([{ identity: { budget: 'loop' }, state: 'OVER', spent: 21n, amount: 20n }]);
    expect(edges[0]?.note).toContain('agent');
  });

  it('stays silent on a batch of 500 like calls in one request', () => {
    const { engine, edges } = desk([{ name: 'loop', per: 'request', turns: 20 }]);
    const attribution = { request: 'batch' };
    const sizes = fc.sample(fc.integer({ min: 100, max: 2000 }), 500);
    for (const [index, input] of sizes.entries()) {
      engine.record(call({ startTime: NOON + index * 10, duration: 9, usage: { input, output: 50 }, attribution }));
      engine.record(
        call({
          startTime: NOON,
          duration: 500,
          usage: { input: 700, output: 50 },
          attribution: { request: 'side by side' },
        }),
      );
      engine.record(
        call({
          startTime: NOON + index * 10,
          duration: 9,
          usage: { input: 700 + index, output: 50 },
          attribution: { request: 'sorted' },
        }),
      );
    }
    expect(edges).toEqual([]);
  });
});
