/** The commands about budgets, over a real Redis. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileBudgets, Engine, redisState } from '@tokenmeter/budgets';
import { expect, it } from 'vitest';
import { HAS_REDIS, redisServer } from '../../budgets/src/store/redis/server.fixture.ts';
import { call } from '../../budgets/src/testing.ts';
import { main } from '../src/cli/program.ts';

it.skipIf(!HAS_REDIS)('check and status read the store, and name it', async () => {
  const server = await redisServer();
  const home = mkdtempSync(join(tmpdir(), 'store-'));
  const budget = '{ name: d, usd: 1, per: 5m, enforce: reserve }';
  writeFileSync(join(home, 'tokenmeter.yaml'), `store: { redis: "${server.url}" }\nbudgets: [${budget}]\n`);
  const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    let out = '';
    let err = '';
    const code = await main(args, {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      env: {},
      cwd: home,
      now: Date.now,
    });
    return { code, out, err };
  };
  const { budgets } = compileBudgets({ budgets: [{ name: 'd', usd: 1, per: '5m', enforce: 'reserve' }] });
  const state = redisState({ url: server.url });
  await state.ready();
  const engine = new Engine({ budgets, state, onEdge: () => {}, now: () => Date.now() + state.skew });
  engine.record(call({ usd: 2, startTime: Date.now() }));
  await state.flush();
  state.close();

  expect(await run('check')).toMatchObject({
    code: 1,
    err: expect.stringContaining('source: Redis at redis://127.0.0.1'),
  });
  const { out } = await run('budget', 'status');
  expect(out).toContain('$2.0000 of $1.0000');
  expect(out).toContain(
    'reserve, hold max: the error of the input estimate; while the store does not answer: no bound\n',
  );
  expect(out).not.toContain('s3cr3t');
  await server.stop();
  const down = await run('check');
  expect(down.code).toBe(3);
  expect(down.err).not.toContain('s3cr3t');
  rmSync(home, { recursive: true });
});
