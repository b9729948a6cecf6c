/** What the tests of this package share. */
import type { CallRecord } from '@tokenmeter/ledger';
import type { Budget } from './budget.ts';
import { type BudgetInput, compileBudgets } from './compile.ts';

export const MINUTE = 60_000;
export const HOUR: number = 60 * MINUTE;
export const DAY: number = 24 * HOUR;
/** A Thursday. */
export const NOON: number = Date.UTC(2026, 10, 26, 12);

let made = 0;

export interface CallOptions extends Partial<Omit<CallRecord, 'attribution'>> {
  readonly usd?: number;
  readonly attribution?: Partial<CallRecord['attribution']>;
}

/** A call that cost `usd` (default: of unknown price). Each is a trace of its own. */
export function call({ usd, attribution, ...more }: CallOptions = {}): CallRecord {
  made += 1;
  const pico = usd === undefined ? undefined : BigInt(Math.round(usd * 1e12));
  return {
    traceId: made.toString(16).padStart(32, '0'),
    spanId: made.toString(16).padStart(16, '0'),
    operation: 'chat',
    provider: 'openai',
    requestModel: 'gpt-4o',
    stream: false,
    startTime: NOON,
    duration: 0,
    outcome: 'completed',
    attribution: { feature: 'untagged', ...attribution },
    usage: { input: 100, output: 10 },
    usageSource: 'provider',
    cost: { status: pico === undefined ? 'unpriced' : 'priced', pico, usd, version: '1', flags: [] },
    attributes: {},
    ...more,
  };
}

/** Compiles, and fails loudly where the test's own budgets are wrong. */
export function budgets(...inputs: readonly BudgetInput[]): readonly Budget[] {
  const { budgets: compiled, problems } = compileBudgets({ budgets: inputs });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return compiled;
}
