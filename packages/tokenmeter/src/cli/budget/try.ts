/**
 * `tokenmeter budget test NAME`: a fake call that is more than the budget has, the way that a call goes: the project's own
 * SDK against the fake provider, admission, price, state, evaluation, channel; then the next call, which an enforced budget
 * refuses. Nothing is spent, and the state is in a folder of its own for as long as it takes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertSettings, type Budget, BudgetExceededError, type Budgets, createBudgets } from '@tokenmeter/budgets';
import type { Pricer } from '@tokenmeter/pricing';
import { EXIT, type Io } from '../io.ts';
import { type FakeSdk, openFakeSdk, sdkNameOf } from './fake-sdk.ts';
import { bookedCalls, type Script, scriptOf } from './script.ts';

export interface TryOptions {
  readonly budget: Budget;
  readonly alerts: AlertSettings;
  readonly environment?: string;
  readonly pricer: Pricer;
}

const PATIENCE_MS = 20_000;

export async function tryBudget({ budget, alerts, environment, pricer }: TryOptions, io: Io): Promise<number> {
  const failed = new Set<string>();
  const dir = mkdtempSync(join(tmpdir(), 'tokenmeter-test-'));
  const budgets = createBudgets({
    budgets: [budget],
    pricer,
    dir,
    alerts,
    log: (line) => (line.startsWith('BUDGET ') ? io.out(`${line}\n`) : io.err(`${line}\n`)),
    onWarning: (message) => io.err(`tokenmeter: ${message}\n`),
    onFailedAlerts: (channel, count) => {
      if (count > 0) failed.add(channel);
    },
    onMetrics: () => false,
    note: 'This is a test: no call was billed, and nothing was spent.',
  });
  try {
    await play(budgets, scriptOf(budget, environment, pricer), pricer, io);
    await budgets.flush(PATIENCE_MS);
  } finally {
    budgets.finish();
    rmSync(dir, { recursive: true, force: true });
  }
  io.out(`Told by: ${toldBy(budget, failed)}\n`);
  return failed.size === 0 ? EXIT.ok : EXIT.failed;
}

async function play(budgets: Budgets, script: Script, pricer: Pricer, io: Io): Promise<void> {
  for (const record of bookedCalls(script)) budgets.record(record);
  const sdk =
    script.call &&
    (await openFakeSdk(script.provider, io.cwd, {
      admission: budgets.admit,
      onRecord: (record) => budgets.record(record),
      pricer,
    }));
  if (sdk === undefined) {
    io.err(`note: ${whyNoSdk(script)}; a record stands for the call, and the refusal is asked for without one\n`);
    budgets.record(script.record);
    const refusal = budgets.admit?.({
      ...script.record,
      ...script.next,
      inputCharacters: () => script.next.characters,
    });
    tellNext(budgets, refusal instanceof Error ? refusal : undefined, io);
    return;
  }
  try {
    io.err(`A call by the package ${sdk.name} to a fake provider on this machine: ${script.record.requestModel}\n`);
    const refused = await attempt(sdk, script, 'call');
    if (refused) {
      io.out(`The call itself was refused: ${refused.message}\n`);
      budgets.record(script.record);
    }
    tellNext(budgets, await attempt(sdk, script, 'next'), io);
  } finally {
    await sdk.close();
  }
}

/** The refusal. Any other failure is thrown: the test itself does not work. */
async function attempt(
  sdk: FakeSdk,
  { call, next, record }: Script,
  which: 'call' | 'next',
): Promise<Error | undefined> {
  const { model, usage, maxTokens } = call as NonNullable<Script['call']>;
  const isNext = which === 'next';
  try {
    await sdk.call({
      model,
      usage: isNext ? { input: 1, output: 1 } : usage,
      prompt: 'test '.repeat(isNext ? Math.ceil(next.characters / 5) : 1),
      maxTokens: isNext ? (next.maxOutputTokens ?? 1) : maxTokens,
      attribution: record.attribution,
    });
    return undefined;
  } catch (error) {
    if (error instanceof BudgetExceededError) return error;
    throw error;
  }
}

function tellNext({ admit }: Budgets, refusal: Error | undefined, io: Io): void {
  if (refusal) io.out(`The next call was refused: ${refusal.message}\n`);
  else if (admit) io.out('The next call passed.\n');
}

function whyNoSdk({ call, provider, record: { operation, requestModel } }: Script): string {
  const name = sdkNameOf(provider);
  if (name === undefined || operation !== 'chat')
    return `calls of ${provider} (${operation}) are not made by this test`;
  return call ? `the package ${name} is not installed here` : `the model ${requestModel} has no price`;
}

/** `event` and functions are told in an app only. */
function toldBy({ actions }: Budget, failed: ReadonlySet<string>): string {
  const sent = actions.filter((action) => typeof action === 'string' && action !== 'event' && !failed.has(action));
  return `${sent.length === 0 ? 'nothing' : sent.join(', ')}${actions.includes('event') ? ' (event: in an app only)' : ''}`;
}
