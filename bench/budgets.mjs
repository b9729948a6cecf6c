/**
 * What evaluating 100 budgets that all match adds to a call, beside the floor of a call. Usage: npm run bench -- budgets
 * [--rounds=5] [--budget-calls=20000]
 *
 * Day, month, rolling and `each` budgets are mixed, none is crossed, and the state is written to files as in an app.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileBudgets, Engine, localState } from '@tokenmeter/budgets';
import { takeTurns } from './lib/children.mjs';
import { goal, main, median, option, table } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const ROUNDS = option('rounds', 5);
const CALLS = option('budget-calls', 20_000);
/** As in `calls`. */
const FLOOR_WARM_UP = 15_000;
const FLOOR_TURNS = 20;
const FLOOR_CALLS = 1000;
const GOAL = 0.2;

const KINDS = [
  { per: 'day' },
  { per: 'month', timezone: 'Europe/Berlin' },
  { per: '5m' },
  { per: 'day', each: 'tenant' },
  { per: 'week', match: { feature: 'bench', model: 'gpt-4o-mini' } },
];

const record = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  operation: 'chat',
  provider: 'openai',
  requestModel: 'gpt-4o-mini',
  stream: false,
  startTime: Date.now(),
  duration: 1,
  outcome: 'completed',
  attribution: { feature: 'bench', tenant: 'acme' },
  usage: { input: 1000, output: 100 },
  usageSource: 'provider',
  cost: { status: 'priced', pico: 210_000_000n, usd: 0.00021, version: '1', flags: [] },
  attributes: {},
};

/** µs per call. */
function measure(count) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-budgets-'));
  const inputs = Array.from({ length: count }, (_, index) => ({
    name: `b${index}`,
    usd: 1_000_000,
    ...KINDS[index % KINDS.length],
  }));
  const { budgets } = compileBudgets({ budgets: inputs });
  const state = localState({ dir: folder });
  const engine = new Engine({ budgets, state, onEdge: () => {} });
  const run = () => {
    for (let call = 0; call < CALLS; call++) engine.record({ ...record, startTime: Date.now() });
  };
  run();
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  state.close();
  rmSync(folder, { recursive: true });
  return (user + system) / CALLS;
}

await main(async () => {
  const script = pathOf('bench/lib/call-child.mjs');
  const argsOf = (name) => ['openai-6', name, FLOOR_WARM_UP, FLOOR_CALLS];
  const contenders = await takeTurns(['none', 'floor'], FLOOR_TURNS, { script, argsOf });
  const none = contenders.get('none').turns;
  const floor = median(contenders.get('floor').turns.map((cpu, turn) => cpu - none[turn]));
  const rounds = Array.from({ length: ROUNDS }, () => [measure(0), measure(100)]);
  const without = median(rounds.map(([none]) => none));
  const added = median(rounds.map(([none, all]) => all - none));
  table(
    ['what', 'µs per call', '× floor'],
    [
      ['floor of a call', floor.toFixed(1), '1.00'],
      ['no budget', without.toFixed(2), (without / floor).toFixed(3)],
      ['100 budgets that match, added', added.toFixed(2), (added / floor).toFixed(3)],
    ],
  );
  console.log();
  goal(`100 budgets add at most ${GOAL} × the floor: ${(added / floor).toFixed(3)}`, added <= GOAL * floor);
});
