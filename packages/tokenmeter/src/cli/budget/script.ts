/** What `tokenmeter budget test` plays: calls that a budget is about, of which the last is more than it has. */
import type { Budget } from '@tokenmeter/budgets';
import { ATTRIBUTION_KEYS, type CallRecord } from '@tokenmeter/ledger';
import type { Pricer } from '@tokenmeter/pricing';
import { UNTAGGED } from '@tokenmeter/semconv';
import { sdkNameOf } from './fake-sdk.ts';

export interface Script {
  readonly provider: string;
  /** The call that crosses; undefined where no call of an SDK can stand for it. */
  readonly call?: {
    readonly model: string;
    readonly usage: { readonly input: number; readonly output: number };
    readonly maxTokens: number;
  };
  /** The same call as a record. */
  readonly record: CallRecord;
  /** How many calls come before it. */
  readonly before: number;
  /** What the next call asks for: nothing, but where a budget is about a single call. */
  readonly next: { readonly characters: number; readonly maxOutputTokens?: number };
}

/** For what a test may ask at most: past it, only a record can. */
const MOST_TOKENS = 1e12;
const MOST_CHARACTERS = 20_000_000;
const MODELS: Readonly<Record<string, string>> = {
  openai: 'gpt-4o',
  anthropic: 'claude-sonnet-4-6',
  'gcp.gemini': 'gemini-2.5-flash',
};
/** Between two turns. */
const TURN_MS = 10;

export function scriptOf(budget: Budget, environment: string | undefined, pricer: Pricer): Script {
  const value = (key: string): string | undefined => valueIn(budget, key);
  const provider = value('provider') ?? (value('model')?.startsWith('claude') ? 'anthropic' : 'openai');
  const model = modelOf(budget, provider, pricer);
  const operation = value('operation') ?? 'chat';
  const usage = usageOf(budget, provider, model, pricer);
  const isPossible = operation === 'chat' && sdkNameOf(provider) !== undefined && usage !== undefined;
  const record = recordOf(budget, { provider, model, operation, usage, environment });
  return {
    provider,
    call: isPossible ? { model, usage, maxTokens: 1 } : undefined,
    record,
    before: isCounted(budget) ? budget.amount : 0,
    next: nextOf(budget, usage?.output),
  };
}

/** The calls before the one that crosses. Each turn holds the one before. */
export function* bookedCalls({ record, before }: Script): Generator<CallRecord> {
  for (let turn = 0; turn < before; turn++) {
    const startTime = record.startTime - (before - turn) * TURN_MS;
    yield { ...record, startTime, usage: { input: 100 * (turn + 1), output: 1 } };
  }
}

function isCounted({ measure }: Budget): boolean {
  return measure === 'calls' || measure === 'turns';
}

/** A value that the budget is about, for a key that it names. */
function valueIn({ each, match }: Budget, key: string): string | undefined {
  return each === key ? 'test' : match[key]?.[0]?.replace(/\*$/, '-test');
}

/** A model that the budget is about, with a price where there is one. */
function modelOf({ match, each }: Budget, provider: string, pricer: Pricer): string {
  const usual = MODELS[provider] ?? 'gpt-4o';
  if (each === 'model') return usual;
  for (const wanted of match.model ?? []) {
    if (!wanted.endsWith('*')) return wanted;
    const prefix = wanted.slice(0, -1);
    if (usual.startsWith(prefix)) return usual;
    const row = pricer.book.seller(provider)?.rows.find(({ model }) => model.startsWith(prefix));
    if (row) return row.model;
  }
  return match.model?.[0]?.replace(/\*$/, '-test') ?? usual;
}

/** What makes the call more than the budget; undefined where no number of tokens does. */
function usageOf(
  budget: Budget,
  provider: string,
  model: string,
  pricer: Pricer,
): { readonly input: number; readonly output: number } | undefined {
  const { measure, amount } = budget;
  if (isCounted(budget)) return { input: 100 * (amount + 1), output: 1 };
  if (measure === 'tokens') return { input: 1, output: amount };
  const million = { input: 0, output: 1_000_000 };
  const { pico } = pricer.price({
    provider,
    requestModel: model,
    report: { usage: million, context: {}, flags: [] },
    at: Date.now(),
  });
  if (!pico) return undefined;
  // A tenth more than the amount.
  const output = Math.ceil((amount * 1.1e9) / Number(pico));
  return output <= MOST_TOKENS ? { input: 1, output: Math.max(1, output) } : undefined;
}

/** A budget per call looks at what the call may come to; the others only need one more. */
function nextOf({ window, enforce }: Budget, output = 0): Script['next'] {
  if (window.kind !== 'call') return { characters: 1 };
  if (enforce === 'reserve') return { characters: 1, maxOutputTokens: output };
  // A token of the input costs less than one of the output, and is some characters.
  return { characters: Math.min(MOST_CHARACTERS, output * 20) };
}

interface RecordFacts {
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly usage: { readonly input: number; readonly output: number } | undefined;
  readonly environment: string | undefined;
}

const NOT_EXTRA: ReadonlySet<string> = new Set([...ATTRIBUTION_KEYS, 'provider', 'model', 'operation']);

function recordOf(budget: Budget, { provider, model, operation, usage, environment }: RecordFacts): CallRecord {
  const value = (key: string): string | undefined => valueIn(budget, key);
  const extra = [...Object.keys(budget.match), ...(budget.each ? [budget.each] : [])].filter(
    (key) => !NOT_EXTRA.has(key),
  );
  const pico = (BigInt(budget.amount) * 1000n * 11n) / 10n;
  return {
    traceId: '7e57'.padEnd(32, '0'),
    spanId: '7e57'.padEnd(16, '0'),
    operation,
    provider,
    requestModel: model,
    stream: false,
    startTime: Date.now(),
    duration: 1,
    outcome: 'completed',
    attribution: {
      feature: UNTAGGED,
      environment,
      request: 'test',
      ...Object.fromEntries(ATTRIBUTION_KEYS.flatMap((key) => (value(key) === undefined ? [] : [[key, value(key)]]))),
      extra: Object.fromEntries(extra.map((key) => [key, value(key) ?? 'test'])),
    },
    usage: usage ?? { input: 1, output: 0 },
    usageSource: 'provider',
    cost: { status: 'priced', pico: budget.measure === 'usd' ? pico : 0n, version: '', flags: [] },
    attributes: {},
  };
}
