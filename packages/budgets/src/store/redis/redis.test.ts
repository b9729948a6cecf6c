import { createPricer } from '@tokenmeter/pricing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BudgetEdge } from '../../alerts/types.ts';
import type { BudgetInput } from '../../compile.ts';
import { createAdmission, type Gate, type Permit } from '../../enforce/admission.ts';
import { BudgetExceededError } from '../../enforce/error.ts';
import { Engine } from '../../engine.ts';
import { budgets, call } from '../../testing.ts';
import { isShared } from '../state.ts';
import type { RedisPackage } from './client.ts';
import { HAS_REDIS, type RedisServer, redisServer } from './server.fixture.ts';
import { redisState } from './state.ts';

let server: RedisServer;
const open: Member[] = [];

beforeAll(async () => {
  if (HAS_REDIS) server = await redisServer();
});
afterAll(() => (HAS_REDIS ? server.stop() : undefined));
beforeEach(() => {
  if (HAS_REDIS) server.cli('FLUSHALL');
});
afterEach(() => {
  for (const member of open.splice(0)) member.engine.state.close();
});

/** A process, as far as Redis can tell. */
interface Member {
  readonly engine: Engine;
  readonly gate: Gate | undefined;
  readonly edges: BudgetEdge[];
  readonly warnings: string[];
  spent(): number;
  /** Makes a call that costs so much, if it may; the error otherwise. */
  call(usd: number, maxOutputTokens?: number): Promise<Error | undefined>;
}

interface MemberOptions {
  readonly client?: RedisPackage;
  readonly url?: string;
  readonly holdSeconds?: number;
}

function member(inputs: readonly BudgetInput[], { client, url = server.url, holdSeconds }: MemberOptions = {}): Member {
  const edges: BudgetEdge[] = [];
  const warnings: string[] = [];
  const onWarning = (message: string): number => warnings.push(message);
  const state = redisState({ url, client, holdSeconds, onWarning });
  const now = (): number => Date.now() + state.skew;
  const engine = new Engine({ budgets: budgets(...inputs), state, onEdge: (edge) => edges.push(edge), onWarning, now });
  const gate = createAdmission({ engine, pricer: createPricer(), now });
  const made: Member = {
    engine,
    gate,
    edges,
    warnings,
    spent: () => [...engine.accounts()].reduce((sum, account) => sum + account.spent, 0) / 1e9,
    async call(usd, maxOutputTokens = 1000) {
      const request = {
        operation: 'chat',
        provider: 'openai',
        requestModel: 'gpt-4o',
        startTime: Date.now(),
        maxOutputTokens,
      };
      const permit = gate?.admit({ ...request, attribution: { feature: 'f' } });
      if (permit instanceof Error) return permit;
      const refusal = await permit?.pending;
      if (refusal) return refusal;
      finish(made, usd, permit);
      return undefined;
    },
  };
  open.push(made);
  return made;
}

function finish({ engine, gate }: Member, usd: number, permit: Permit | undefined): void {
  const record = call({ usd, startTime: Date.now(), attribution: { feature: 'f' } });
  permit?.end?.(record);
  engine.record(record, gate?.heldOf(record));
}

async function until(test: () => boolean): Promise<void> {
  for (const end = Date.now() + 8000; Date.now() < end; ) {
    if (test()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to that within 8 s');
}

/** Resolves when the member has Redis. */
function ready({ engine }: Member): Promise<void> {
  return until(() => isShared(engine.state) && engine.state.isUp);
}

const DAY: BudgetInput = { name: 'day', per: 'day', usd: 1, enforce: 'check', thresholds: ['100%'] };

describe.skipIf(!HAS_REDIS).each(['redis', 'ioredis'] as const)('over Redis, with the package %s', (client) => {
  it('what one process spends is known to the others, exactly, and one of them tells', async () => {
    const all = [1, 2, 3].map(() => member([DAY], { client }));
    for (const each of all) await ready(each);
    for (const [index, usd] of [0.4, 0.5, 0.3].entries()) expect(await all[index]?.call(usd)).toBeUndefined();
    for (const each of all) {
      const refusal = await each.call(0.1);
      expect(refusal).toBeInstanceOf(BudgetExceededError);
      expect(refusal).toMatchObject({ budget: 'day', spent: 1.2 });
    }
    await until(() => all.flatMap(({ edges }) => edges).length > 0);
    await Promise.all(all.map(({ engine }) => engine.state.flush()));
    expect(all.flatMap(({ edges }) => edges)).toHaveLength(1);
    expect(all.flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  it('holds for all processes together, and lets go when the call has ended', async () => {
    const [one, two] = [1, 2].map(() => member([{ ...DAY, usd: 0.25, enforce: 'reserve' }], { client }));
    if (!one || !two) throw new Error('two were made');
    await ready(one);
    await ready(two);
    // gpt-4o: 10,000 tokens of output are a dime.
    const ask = async (by: Member): Promise<Permit | Error | undefined> => {
      const request = { operation: 'chat', provider: 'openai', requestModel: 'gpt-4o', startTime: Date.now() };
      const permit = by.gate?.admit({ ...request, maxOutputTokens: 10_000, attribution: { feature: 'f' } });
      return permit instanceof Error ? permit : ((await permit?.pending) ?? permit);
    };
    const first = await ask(one);
    expect(await ask(two)).not.toBeInstanceOf(Error);
    expect(await ask(one)).toBeInstanceOf(BudgetExceededError);
    expect(await ask(two)).toBeInstanceOf(BudgetExceededError);
    if (first instanceof Error) throw first;
    finish(one, 0.01, first);
    await until(() => one.spent() === 0.01);
    await one.engine.state.flush();
    expect(await ask(two)).not.toBeInstanceOf(Error);
  });

  it('counts a settlement once that Redis took late', async () => {
    const one = member([DAY], { client });
    await ready(one);
    await one.call(0.1);
    await until(() => server.cli('HGETALL', '{tokenmeter}:a:/day/day%40UTC') !== '');
    server.child.kill('SIGSTOP');
    for (let index = 0; index < 5; index++) expect(await one.call(0.1)).toBeUndefined();
    expect(one.spent()).toBeCloseTo(0.6);
    await until(() => one.warnings.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    server.child.kill('SIGCONT');
    await until(() => one.warnings.length > 1);
    await one.engine.state.flush();
    const two = member([DAY], { client });
    await ready(two);
    await two.engine.adopt();
    await until(() => two.spent() > 0);
    expect(two.spent()).toBeCloseTo(0.6);
    expect(one.warnings).toEqual([
      expect.stringContaining('does not answer'),
      expect.stringContaining('answers again'),
    ]);
    expect(one.warnings.join()).not.toContain('s3cr3t');
  });

  it('an emptied Redis is told of once, and what is known to be spent is put back once', async () => {
    const [one, two] = [1, 2].map(() => member([{ ...DAY, usd: 10 }], { client }));
    if (!one || !two) throw new Error('two were made');
    await ready(one);
    await ready(two);
    await one.call(1);
    await one.engine.state.flush();
    await two.call(2);
    await two.engine.state.flush();
    expect(two.spent()).toBe(3);
    server.cli('FLUSHALL');
    await two.call(0.5);
    await one.call(0.25);
    await until(() => one.warnings.length > 0 && two.warnings.length > 0);
    await until(() => {
      void one.call(0);
      return one.spent() === 3.75;
    });
    expect([one, two].map(({ warnings }) => warnings)).toEqual([
      [expect.stringContaining('was emptied')],
      [expect.stringContaining('was emptied')],
    ]);
  });
});

describe.skipIf(!HAS_REDIS)('over Redis', () => {
  it('a hold of a process that is gone expires; one whose call lives is renewed', async () => {
    const budget: BudgetInput = { ...DAY, usd: 0.15, enforce: 'reserve' };
    const gone = member([budget], { holdSeconds: 1.5 });
    await ready(gone);
    const request = { operation: 'chat', provider: 'openai', requestModel: 'gpt-4o', startTime: Date.now() };
    const held = gone.gate?.admit({ ...request, maxOutputTokens: 10_000, attribution: { feature: 'f' } });
    if (held instanceof Error || held === undefined) throw new Error('it has to be let through');
    await held.pending;
    const other = member([budget], { holdSeconds: 1.5 });
    await ready(other);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await other.call(0.01, 10_000)).toBeInstanceOf(BudgetExceededError);
    gone.engine.state.close();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await other.call(0.01, 10_000)).toBeUndefined();
    await other.engine.state.flush();
    expect(server.cli('HGET', '{tokenmeter}:a:/day/day%40UTC', 'held')).toBe('0');
  });

  it('an emptied Redis decides nothing before it knows again what is spent and held', async () => {
    const budget: BudgetInput = { ...DAY, usd: 0.35, enforce: 'reserve' };
    const [one, two] = [1, 2].map(() => member([budget]));
    if (!one || !two) throw new Error('two were made');
    await ready(one);
    await ready(two);
    expect(await one.call(0.1)).toBeUndefined();
    await one.engine.state.flush();
    const request = { operation: 'chat', provider: 'openai', requestModel: 'gpt-4o', startTime: Date.now() };
    const permit = one.gate?.admit({ ...request, maxOutputTokens: 10_000, attribution: { feature: 'f' } });
    if (permit instanceof Error) throw permit;
    expect(await permit?.pending).toBeUndefined();
    server.cli('FLUSHALL');
    // A dime is spent, and more than another is held: two more are too much, for whoever asks first.
    expect(await one.call(0, 20_000)).toBeInstanceOf(BudgetExceededError);
    expect(await two.call(0, 20_000)).toBeInstanceOf(BudgetExceededError);
    const held = (): number => Number(server.cli('HGET', '{tokenmeter}:a:/day/day%40UTC', 'held'));
    expect(held()).toBeGreaterThan(100_000_000);
    // Nobody asks: it is seen all the same, while a call is held for.
    server.cli('FLUSHALL');
    await until(() => held() > 100_000_000);
    finish(one, 0.05, permit);
    await one.engine.state.flush();
    expect(held()).toBe(0);
    expect(one.spent()).toBe(0.15);
  });

  it('counts to the last nano-dollar what more calls spend meanwhile than can wait one by one', async () => {
    const one = member([{ ...DAY, usd: 1000, enforce: 'observe' }]);
    await ready(one);
    await server.stop();
    await until(() => {
      finish(one, 0.001, undefined);
      return one.warnings.length > 0;
    });
    for (let index = 0; index < 12_000; index++) finish(one, 0.000_001_001, undefined);
    const spent = one.spent();
    await server.start();
    await until(() => one.warnings.some((warning) => warning.includes('answers again')));
    await one.engine.state.flush();
    const inRedis = (): number[] => {
      const hash = server.cli('HGETALL', '{tokenmeter}:a:/day/day%40UTC').split('\n');
      return hash.flatMap((field, index) => (index % 2 === 0 && /^\d+$/.test(field) ? [Number(hash[index + 1])] : []));
    };
    const expected = Math.round(spent * 1e9);
    await until(() => inRedis()[0] === expected);
    await one.engine.state.flush();
    expect(inRedis()).toEqual([expected]);
    expect(one.spent()).toBe(spent);
  });

  it('rolling windows and requests are shared, too', async () => {
    const inputs: BudgetInput[] = [
      { name: 'rate', per: '1h', usd: 1, enforce: 'check' },
      { name: 'request', per: 'request', calls: 3, enforce: 'check' },
    ];
    const [one, two] = [1, 2].map(() => member(inputs));
    if (!one || !two) throw new Error('two were made');
    await ready(one);
    await ready(two);
    const make = async (by: Member): Promise<Error | undefined> => {
      const attribution = { feature: 'f', request: 'r1' };
      const request = {
        operation: 'chat',
        provider: 'openai',
        requestModel: 'gpt-4o',
        startTime: Date.now(),
        attribution,
      };
      const permit = by.gate?.admit(request);
      if (permit instanceof Error) return permit;
      const refusal = await permit?.pending;
      if (refusal) return refusal;
      const record = call({ usd: 0.25, startTime: Date.now(), attribution });
      permit?.end?.(record);
      by.engine.record(record, by.gate?.heldOf(record));
      await by.engine.state.flush();
      return undefined;
    };
    expect([await make(one), await make(two), await make(one)]).toEqual([undefined, undefined, undefined]);
    expect(await make(two)).toMatchObject({ budget: 'request', spent: 3 });
  });

  it('an OVER that an earlier process told of is taken over, not told again', async () => {
    const one = member([DAY]);
    await ready(one);
    await one.call(2);
    await until(() => one.edges.length === 1);
    one.engine.state.close();
    const resumed: BudgetEdge[] = [];
    const state = redisState({ url: server.url });
    const edges: BudgetEdge[] = [];
    const next = new Engine({
      budgets: budgets(DAY),
      state,
      onEdge: (edge) => edges.push(edge),
      onResume: (edge) => resumed.push(edge),
    });
    await until(() => resumed.length === 1);
    next.record(call({ usd: 1, startTime: Date.now() }));
    await state.flush();
    expect(edges).toEqual([]);
    state.close();
  });
});

describe('a Redis that is not there', () => {
  const nowhere = { url: 'redis://:s3cr3t@127.0.0.1:1/0' };

  it('is told of once, and the process counts for itself', async () => {
    const one = member([DAY], nowhere);
    await until(() => one.warnings.length > 0);
    for (let index = 0; index < 4; index++) expect(await one.call(0.3)).toBeUndefined();
    expect(await one.call(0.3)).toBeInstanceOf(BudgetExceededError);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(one.warnings).toHaveLength(1);
    expect(one.warnings[0]).not.toContain('s3cr3t');
    expect(one.spent()).toBeCloseTo(1.2);
  });

  it('refuses calls where the budget says so', async () => {
    const one = member([{ ...DAY, onStoreDown: 'block' }], nowhere);
    await until(() => one.warnings.length > 0);
    const refusal = await one.call(0.1);
    expect(refusal).toBeInstanceOf(BudgetExceededError);
    expect(refusal?.message).toContain('its store did not answer');
  });
});
