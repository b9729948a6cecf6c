/** What an instrumented run left in its ledger. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CallRecord, readCalls } from '@tokenmeter/ledger';
import type { Tokens } from './child.ts';

export interface RecordedCalls {
  readonly calls: readonly CallRecord[];
  /** Span ids that stand in the ledger more than once: the reader would hide them. */
  readonly doubles: readonly string[];
}

/** `directory`: the working directory of the run. A run without a ledger recorded nothing. */
export async function readRecorded(directory: string): Promise<RecordedCalls> {
  const dir = join(directory, '.tokenmeter');
  const calls: CallRecord[] = [];
  for await (const call of readCalls({ dir, onBadLine: (bad) => fail(`${bad.file}:${bad.line}: ${bad.reason}`) }))
    calls.push(call);
  const ids = await spanIds(dir);
  return { calls, doubles: ids.filter((id, index) => ids.indexOf(id) !== index) };
}

/** `outcome operation cost-status usage-source` of each call, by the scenario that made it, sorted. */
export function callsByScenario(recorded: RecordedCalls): Record<string, string[]> {
  const byScenario: Record<string, string[]> = {};
  for (const { attribution, outcome, operation, cost, usageSource } of recorded.calls) {
    const summary = `${outcome} ${operation} ${cost.status} ${usageSource}`;
    byScenario[attribution.feature] = [...(byScenario[attribution.feature] ?? []), summary].sort();
  }
  return byScenario;
}

/** The tokens of a scenario's calls, where all of them were read to the end and told their usage; else undefined. */
export function tokensOf(recorded: RecordedCalls, scenario: string): Tokens | undefined {
  const calls = recorded.calls.filter((call) => call.attribution.feature === scenario);
  if (!calls.every((call) => call.outcome === 'completed' && call.usageSource === 'provider')) return undefined;
  const sum = (of: 'input' | 'output') => calls.reduce((total, { usage }) => total + (usage?.[of] ?? 0), 0);
  return { input: sum('input'), output: sum('output') };
}

async function spanIds(dir: string): Promise<string[]> {
  const files = (await readdir(dir).catch((): string[] => [])).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8')));
  return [...texts.join('\n').matchAll(/"spanId":"([0-9a-f]+)"/g)].map(([, id = '']) => id);
}

function fail(message: string): never {
  throw new Error(message);
}
