import { createPricer } from '@tokenmeter/pricing';
import { describe, expect, it } from 'vitest';
import type { BudgetInput } from '../compile.ts';
import { Engine } from '../engine.ts';
import { budgets, call, HOUR, NOON } from '../testing.ts';
import { createAdmission, type Downgrade, type Gate } from './admission.ts';
import { BudgetExceededError, type Refusal } from './error.ts';
import type { AdmissionRequest } from './estimate.ts';

interface Door {
  readonly engine: Engine;
  readonly gate: Gate;
  readonly blocked: Refusal[];
  readonly warnings: string[];
  ask(more?: Partial<AdmissionRequest>): ReturnType<Gate['admit']>;
  at(now: number): void;
}

function door(inputs: readonly BudgetInput[], downgrade?: Downgrade): Door {
  let now = NOON;
  const blocked: Refusal[] = [];
  const warnings: string[] = [];
  const onWarning = (message: string): number => warnings.push(message);
  const engine = new Engine({ budgets: budgets(...inputs), onEdge: () => {}, onWarning, now: () => now });
  const gate = createAdmission({
    engine,
    pricer: createPricer(),
    now: () => now,
    onWarning,
    onBlocked: (refusal) => blocked.push(refusal),
    downgrade: () => downgrade,
  });
  if (gate === undefined) throw new Error('nothing is enforced');
  return {
    engine,
    gate,
    blocked,
    warnings,
    ask: (more = {}) =>
      gate.admit({
        operation: 'chat',
        provider: 'openai',
        requestModel: 'gpt-4o',
        startTime: now,
        attribution: { feature: 'untagged' },
        ...more,
      }),
    at(time) {
      now = time;
    },
  };
}

it('is not there where nothing is enforced', () => {
  const engine = new Engine({ budgets: budgets({ per: 'day', usd: 1 }), onEdge: () => {} });
  expect(createAdmission({ engine, pricer: createPricer() })).toBeUndefined();
});

describe('check', () => {
  it('refuses the next call once the amount is spent, until the window ends', () => {
    const { engine, ask, blocked, at } = door([{ name: 'day', per: 'day', usd: 1, enforce: 'check' }]);
    engine.record(call({ usd: 0.999 }));
    expect(ask()).toBeUndefined();
    engine.record(call({ usd: 0.5 }));
    const error = ask();
    expect(error).toBeInstanceOf(BudgetExceededError);
    expect(error).toMatchObject({
      name: 'BudgetExceededError',
      budget: 'day',
      window: 'day',
      unit: 'USD',
      amount: 1,
      spent: 1.499,
      resetsAt: new Date(NOON + 12 * HOUR),
    });
    expect((error as Error).message).toBe(
      'Budget "day" refused the call: $1.4990 of $1.0000 spent (per day). It resets at 2026-11-27T00:00:00Z. ' +
        'To lift it, raise its amount in tokenmeter.yaml and restart, or set TOKENMETER_BUDGETS=off.',
    );
    expect(blocked).toHaveLength(1);
    at(NOON + 12 * HOUR);
    expect(ask()).toBeUndefined();
  });

  it('counts requests by their id, and lets a call that belongs to none pass', () => {
    const { engine, ask } = door([{ per: 'request', calls: 2, enforce: 'check' }]);
    const attribution = { feature: 'a', request: 'r' };
    for (let index = 0; index < 2; index++) {
      expect(ask({ attribution })).toBeUndefined();
      engine.record(call({ attribution }));
    }
    expect(ask({ attribution })).toBeInstanceOf(BudgetExceededError);
    expect(ask({ attribution: { feature: 'a', request: 'other' } })).toBeUndefined();
    expect(ask()).toBeUndefined();
  });

  it('refuses a single prompt that is too dear by itself', () => {
    const { ask } = door([{ per: 'call', usd: 0.1, enforce: 'check' }]);
    expect(ask({ inputCharacters: () => 1000 })).toBeUndefined();
    expect(ask({ inputCharacters: () => 4_000_000 })).toBeInstanceOf(BudgetExceededError);
  });

  it('stops an agent whose turns are used up', () => {
    const { engine, ask } = door([{ per: 'request', turns: 3, enforce: 'check' }]);
    const attribution = { feature: 'a', request: 'r' };
    for (let turn = 0; turn < 3; turn++) {
      expect(ask({ attribution })).toBeUndefined();
      engine.record(call({ attribution, startTime: NOON + turn, usage: { input: 100 * (turn + 1), output: 5 } }));
    }
    expect(ask({ attribution })).toBeInstanceOf(BudgetExceededError);
  });
});

describe('reserve', () => {
  it('holds what a call may need until it has ended, so that parallel calls see each other', () => {
    // gpt-4o: $10 per million output tokens, so 10,000 tokens are a dime, and some input.
    const { engine, ask } = door([{ name: 'r', per: 'day', usd: 0.35, enforce: 'reserve' }]);
    const permits = [1, 2, 3].map(() => ask({ maxOutputTokens: 10_000 }));
    expect(permits.every((permit) => permit !== undefined && !(permit instanceof Error))).toBe(true);
    expect(ask({ maxOutputTokens: 10_000 })).toMatchObject({ budget: 'r', spent: 0 });
    const [account] = [...engine.accounts()];
    expect(account?.held).toBeGreaterThanOrEqual(300_000_000);
    for (const permit of permits) {
      if (permit instanceof Error) throw permit;
      permit?.end?.(undefined);
      permit?.end?.(undefined);
    }
    expect(account?.held).toBe(0);
    expect(ask({ maxOutputTokens: 10_000 })).not.toBeInstanceOf(Error);
  });

  it('holds nothing for a call that another budget refuses', () => {
    const { engine, ask } = door([
      { name: 'first', per: 'day', usd: 1, enforce: 'reserve' },
      { name: 'second', per: 'day', calls: 1, enforce: 'check' },
    ]);
    engine.record(call({ usd: 0 }));
    expect(ask({ maxOutputTokens: 10 })).toMatchObject({ budget: 'second' });
    expect([...engine.accounts()].map(({ held }) => held)).toEqual([0, 0]);
  });

  it('holds the most that the model can write where the request does not say', () => {
    const { engine, ask } = door([{ per: 'day', tokens: 1_000_000, enforce: 'reserve' }]);
    ask();
    expect([...engine.accounts()][0]?.held).toBe(16_384 + 32);
  });

  it('learned: holds the maximum at first, then what 95 % of the calls stay below', () => {
    const { engine, gate, ask } = door([{ per: 'day', tokens: 1_000_000, enforce: 'reserve', hold: 'learned' }]);
    const learn = (outputs: readonly number[]): void => {
      for (const output of outputs) gate.estimator.learn(call({ usage: { input: 1, output } }));
    };
    const held = (): number => {
      const permit = ask();
      const quantity = [...engine.accounts()][0]?.held ?? 0;
      if (permit && !(permit instanceof Error)) permit.end?.(undefined);
      return quantity - 32;
    };
    learn(Array.from({ length: 19 }, () => 100));
    expect(held()).toBe(16_384);
    learn([100]);
    expect(held()).toBe(100);
    learn([...Array.from({ length: 8 }, () => 5000), ...Array.from({ length: 72 }, () => 100)]);
    expect(held()).toBe(5000);
  });
});

describe('what has no price', () => {
  const unknown = { requestModel: 'my-own-model' };

  it('passes USD budgets where it is free or local, and counts towards tokens', () => {
    const { engine, ask } = door([
      { name: 'usd', per: 'day', usd: 0.01, enforce: 'check' },
      { name: 'tokens', per: 'day', tokens: 1000, enforce: 'check' },
    ]);
    engine.record(call({ usd: 1, usage: { input: 1, output: 1 } }));
    const local = { provider: 'ollama', serverAddress: 'localhost', requestModel: 'llama3' };
    expect(ask()).toBeInstanceOf(BudgetExceededError);
    expect(ask(local)).toBeUndefined();
    engine.record(call({ usage: { input: 900, output: 200 } }));
    expect(ask(local)).toMatchObject({ budget: 'tokens' });
  });

  it('warns once by default, allows silently, or blocks', () => {
    const warning = door([{ name: 'w', per: 'day', usd: 1, enforce: 'reserve' }]);
    expect(warning.ask(unknown)).toBeUndefined();
    for (let index = 0; index < 3; index++) warning.engine.record(call({ requestModel: 'my-own-model' }));
    expect(warning.warnings).toHaveLength(1);
    expect(warning.warnings[0]).toContain('openai/my-own-model');

    const allowing = door([{ per: 'day', usd: 1, enforce: 'reserve', onUnpriced: 'allow' }]);
    expect(allowing.ask(unknown)).toBeUndefined();
    allowing.engine.record(call({ requestModel: 'my-own-model' }));
    expect(allowing.warnings).toEqual([]);

    const blocking = door([{ per: 'day', usd: 1, enforce: 'check', onUnpriced: 'block' }]);
    const error = blocking.ask(unknown);
    expect(error).toBeInstanceOf(BudgetExceededError);
    expect((error as Error).message).toContain('the price of model "my-own-model" is not known');
    expect(blocking.ask()).toBeUndefined();
  });
});

describe('a downgrade', () => {
  it('is asked when a call would be refused, and swaps the model where the cheaper one fits', () => {
    const asked: unknown[] = [];
    const { ask } = door([{ name: 'r', per: 'day', usd: 0.05, enforce: 'reserve' }], (request) => {
      asked.push(request);
      return 'gpt-4o-mini';
    });
    expect(ask({ maxOutputTokens: 10_000 })).toMatchObject({ model: 'gpt-4o-mini' });
    expect(asked).toMatchObject([{ model: 'gpt-4o', budget: 'r', refused: true }]);
    expect(ask({ maxOutputTokens: 16_000_000 })).toBeInstanceOf(BudgetExceededError);
  });

  it('is asked when a threshold is passed, too; what it throws changes nothing', () => {
    const { engine, ask, warnings } = door([{ per: 'day', usd: 1, enforce: 'check' }], ({ share, refused }) => {
      if (refused || share < 0.5) throw new Error('wrong question');
      throw new Error('boom');
    });
    engine.record(call({ usd: 0.4 }));
    expect(ask()).toBeUndefined();
    expect(warnings).toEqual([]);
    engine.record(call({ usd: 0.2 }));
    expect(ask()).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('boom')]);
  });
});

it('a window of another zone names its reset in that zone', () => {
  const { engine, ask } = door([{ per: 'day', usd: 1, timezone: 'Asia/Tokyo', enforce: 'check' }]);
  engine.record(call({ usd: 2 }));
  expect((ask() as Error).message).toContain('resets at 2026-11-27 00:00 Asia/Tokyo (2026-11-26T15:00:00Z)');
});
