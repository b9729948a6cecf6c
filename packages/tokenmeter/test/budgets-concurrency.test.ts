/**
 * A `reserve` budget of $5 under a thousand calls at once: in one process, and in four over a real Redis of which one is
 * killed. Output lengths up to `max_tokens` and latencies are drawn at random; one stream in twenty is abandoned.
 */
import { type FakeProvider, type ServedEntry, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HAS_REDIS, type RedisServer, redisServer } from '../../budgets/src/store/redis/server.fixture.ts';
import { AppFolder, REQUIRE, start } from './harness.ts';

const USD = 5;
/** gpt-4o, per token. */
const RATE = { input: 2.5e-6, output: 10e-6 };

let provider: FakeProvider;
let redis: RedisServer;
let app: AppFolder;

beforeAll(async () => {
  provider = await startFakeProvider();
  if (HAS_REDIS) redis = await redisServer();
});
afterAll(async () => {
  await provider.close();
  if (HAS_REDIS) await redis.stop();
});
beforeEach(() => provider.reset());
afterEach(() => app.remove());

/** Makes so many calls at once, and prints what came of them. */
function swarm(calls: number): string {
  return `const OpenAI = require('openai');
    const { BudgetExceededError } = require('tokenmeter');
    const client = new OpenAI({ apiKey: 'x', baseURL: '${provider.openaiBaseUrl}', maxRetries: 0 });
    const draw = (most) => Math.floor(Math.random() * most);
    const one = async (index) => {
      const max_tokens = 200 + draw(2000);
      const plan = { latencyMs: draw(300), chunkDelayMs: 2, chunks: 5, usage: { input: 10 + draw(10), output: 1 + draw(max_tokens) } };
      const stream = index % 2 === 0;
      const params = { model: 'gpt-4o', max_tokens, stream, messages: [{ role: 'user', content: 'Tell me about meters, and about seconds as well.' }] };
      const answer = await client.chat.completions.create(params, { headers: { 'x-fake-plan': JSON.stringify(plan) } });
      if (stream) for await (const _ of answer) if (index % 20 === 0) break;
    };
    const counts = { passed: 0, refused: 0, failed: 0 };
    // The first call brings the connection.
    one(1).catch(() => {}).then(() => console.log('started')).then(() => Promise.all(Array.from({ length: ${calls} }, (_, index) => one(index).then(
      () => { counts.passed += 1; },
      (error) => { counts[error instanceof BudgetExceededError ? 'refused' : 'failed'] += 1; },
    )))).then(() => { console.log(JSON.stringify(counts)); setTimeout(() => {}, 500); });`;
}

/** What the provider would bill for the answers that it completed: by its own count, not ours. */
function billed(entries: readonly ServedEntry[]): number {
  return entries
    .filter(({ outcome }) => outcome === 'completed')
    .reduce(
      (sum, { consumed }) => sum + (consumed?.input ?? 0) * RATE.input + (consumed?.output ?? 0) * RATE.output,
      0,
    );
}

interface Counts {
  readonly passed: number;
  readonly refused: number;
  readonly failed: number;
}

function countsIn(stdout: string): Counts {
  return JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? '{}') as Counts;
}

describe('a thousand calls at once against a reserve budget of $5', () => {
  it('never pass it in one process', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': `budgets: [{ name: five, per: day, usd: ${USD}, enforce: reserve }]\n`,
      'app.cjs': swarm(1000),
    });
    const ended = await start(app, [...REQUIRE, 'app.cjs']).ended;
    const counts = countsIn(ended.stdout);
    expect(counts.failed).toBe(0);
    expect(counts.passed + counts.refused).toBe(1000);
    expect(counts.refused).toBeGreaterThan(100);
    expect(counts.passed).toBeGreaterThan(100);
    const spent = app.ledger().reduce((sum, call) => sum + Number(call['tokenmeter.cost.usd'] ?? 0), 0);
    expect(spent).toBeLessThanOrEqual(USD);
    expect(spent).toBeGreaterThan(1);
    const { entries } = provider.served();
    expect(billed(entries)).toBeLessThanOrEqual(USD);
    expect(entries).toHaveLength(counts.passed + 1);
  }, 120_000);

  it.skipIf(!HAS_REDIS)(
    'never pass it in four processes over Redis, one of which is killed',
    async () => {
      app = new AppFolder({
        'tokenmeter.yaml': `store: { redis: "${redis.url}", holdSeconds: 3 }\nbudgets: [{ name: five, per: day, usd: ${USD}, enforce: reserve, onStoreDown: block }]\n`,
        'app.cjs': swarm(250),
      });
      const account = async (): Promise<Record<string, number>> => {
        const lines = (await redis.ask('HGETALL', '{tokenmeter}:a:/five/day%40UTC')).split('\n');
        return Object.fromEntries(
          lines.flatMap((line, index) => (index % 2 === 0 ? [[line, Number(lines[index + 1])]] : [])),
        );
      };
      const spentIn = (hash: Record<string, number>): number =>
        Object.entries(hash).reduce((sum, [field, value]) => (/^\d+$/.test(field) ? sum + value : sum), 0) / 1e9;
      const running = [1, 2, 3, 4].map(() => start(app, [...REQUIRE, 'app.cjs']));
      const [victim, ...others] = running;
      await Promise.all(running.map((one) => one.printed('started')));
      let most = 0;
      const watch = setInterval(async () => {
        const hash = await account();
        most = Math.max(most, spentIn(hash) + (hash.held ?? 0) / 1e9);
      }, 200);
      setTimeout(() => victim?.child.kill('SIGKILL'), 400);
      const ended = await Promise.all(others.map((one) => one.ended));
      await victim?.ended;
      clearInterval(watch);
      const counts = ended.map(({ stdout }) => countsIn(stdout));
      for (const { failed, passed, refused } of counts) expect([failed, passed + refused]).toEqual([0, 250]);
      expect(counts.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(50);
      expect(most).toBeLessThanOrEqual(USD);
      const spent = spentIn(await account());
      expect(spent).toBeLessThanOrEqual(USD);
      expect(spent).toBeGreaterThan(1);
      // The other three: every call that they made is in Redis, to the nano-dollar.
      const recorded = app.ledger().reduce((sum, call) => sum + Number(call['tokenmeter.cost.usd'] ?? 0), 0);
      expect(spent).toBeGreaterThanOrEqual(Number((recorded - 1e-6).toFixed(9)));

      // The holds of the process that was killed: gone after the hold time, when the next call comes.
      await new Promise((resolve) => setTimeout(resolve, 3200));
      app.write({ 'one.cjs': swarm(1) });
      await start(app, [...REQUIRE, 'one.cjs']).ended;
      expect((await account()).held).toBe(0);
      expect(await redis.ask('ZCARD', '{tokenmeter}:h:/five/day%40UTC')).toBe('0');
    },
    240_000,
  );
});
