/**
 * `tokenmeter budget test NAME`: a fake call that costs more than the budget has, through the same evaluation, refusal and
 * channels as a real one. Nothing is spent, and the state of the budgets is not touched.
 */
import { type AlertSettings, type Budget, createBudgets } from '@tokenmeter/budgets';
import type { CallRecord } from '@tokenmeter/ledger';
import { createPricer } from '@tokenmeter/pricing';
import { EXIT, type Io } from '../io.ts';

const PATIENCE_MS = 20_000;

export async function testBudget(
  budget: Budget,
  settings: AlertSettings,
  environment: string | undefined,
  io: Io,
): Promise<number> {
  const failed = new Set<string>();
  const budgets = createBudgets({
    budgets: [budget],
    pricer: createPricer(),
    alerts: settings,
    log: (line) => (line.startsWith('BUDGET ') ? io.out(`${line}\n`) : io.err(`tokenmeter: ${line}\n`)),
    onWarning: (message) => io.err(`tokenmeter: ${message}\n`),
    onFailedAlerts: (channel, count) => {
      if (count > 0) failed.add(channel);
    },
    onMetrics: () => false,
    now: io.now,
    note: 'This is a test: no call was made, and nothing was spent.',
  });
  const call = callOver(budget, environment, io.now());
  budgets.record(call);
  for (let turn = 0; turn < (budget.measure === 'turns' || budget.measure === 'calls' ? budget.amount : 0); turn++) {
    budgets.record(callOver(budget, environment, io.now(), turn + 1));
  }
  await budgets.flush(PATIENCE_MS);
  const refusal = budgets.admit?.({ ...call, inputCharacters: () => 40_000_000 });
  if (refusal instanceof Error) io.out(`The next call would be refused: ${refusal.message}\n`);
  else if (budget.enforce !== 'observe') io.out('The next call would pass.\n');
  budgets.finish();
  const sent = budget.actions.filter((action) => typeof action === 'string' && !failed.has(action));
  io.out(`Told by: ${sent.length === 0 ? 'nothing' : sent.join(', ')}\n`);
  return failed.size === 0 ? EXIT.ok : EXIT.failed;
}

/** A call that the budget is about, and that is more than its whole amount where one call can be. */
function callOver(budget: Budget, environment: string | undefined, now: number, turn = 0): CallRecord {
  const value = (key: string): string | undefined =>
    budget.each === key ? 'test' : budget.match[key]?.[0]?.replace(/\*$/, '-test');
  const known = ['team', 'tenant', 'user', 'session', 'route'];
  const extra = [...Object.keys(budget.match), ...(budget.each ? [budget.each] : [])].filter(
    (key) => ![...known, 'feature', 'environment', 'request', 'provider', 'model', 'operation'].includes(key),
  );
  const pico = (BigInt(budget.amount) * 1000n * 11n) / 10n;
  const tokens = budget.measure === 'tokens' ? budget.amount + 1 : 1000 * (turn + 1);
  return {
    traceId: '7e57'.padEnd(32, '0'),
    spanId: '7e57'.padEnd(16, '0'),
    operation: value('operation') ?? 'chat',
    provider: value('provider') ?? 'openai',
    requestModel: value('model') ?? 'gpt-4o',
    stream: false,
    startTime: now + turn * 10,
    duration: 1,
    outcome: 'completed',
    attribution: {
      feature: value('feature') ?? 'untagged',
      environment: value('environment') ?? environment,
      request: value('request') ?? 'test',
      ...Object.fromEntries(known.map((key) => [key, value(key)])),
      extra: Object.fromEntries(extra.map((key) => [key, value(key) ?? 'test'])),
    },
    usage: { input: tokens, output: 0 },
    usageSource: 'provider',
    cost: {
      status: 'priced',
      pico: budget.measure === 'usd' ? pico : 0n,
      usd: Number(pico) / 1e12,
      version: '',
      flags: [],
    },
    attributes: {},
  };
}
