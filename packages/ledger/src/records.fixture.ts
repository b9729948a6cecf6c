/** Calls for tests: one plain call to vary, and an arbitrary for all calls that a record can describe. */
import { COST_STATUSES, type Cost, type Usage } from '@tokenmeter/pricing';
import { OUTCOMES } from '@tokenmeter/semconv';
import fc from 'fast-check';
import type { Attribution, CallRecord } from './record.ts';

type Overrides = Partial<Omit<CallRecord, 'attribution' | 'cost'>> & {
  readonly attribution?: Partial<Attribution>;
  readonly cost?: Partial<Cost>;
};

let made = 0;

/** A completed, priced chat call; each has a span id of its own. */
export function aCall(overrides: Overrides = {}): CallRecord {
  made += 1;
  const { attribution, cost, ...rest } = overrides;
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: made.toString(16).padStart(16, '0'),
    operation: 'chat',
    provider: 'openai',
    requestModel: 'gpt-4o-mini',
    stream: false,
    startTime: Date.UTC(2026, 10, 20, 12),
    duration: 850,
    outcome: 'completed',
    attribution: { feature: 'rag-search', ...attribution },
    usage: { input: 1000, output: 100 },
    usageSource: 'provider',
    cost: { status: 'priced', version: '2026-11-20', flags: [], pico: 210_000_000n, usd: 0.00021, ...cost },
    attributes: {},
    ...rest,
  };
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: length, maxLength: length })
    .map((digits) => digits.map((digit) => digit.toString(16)).join(''));

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/);
const tokens = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
/** Whole nanoseconds, as milliseconds. */
const milliseconds = fc.integer({ min: 0, max: 3_600_000_000_000 }).map((nanos) => nanos / 1e6);
/** Up to $2,000, as the table promises. */
const pico = fc.bigInt({ min: 0n, max: 2_000_000_000_000_000n });

const USAGE_FIELDS: readonly (keyof Usage)[] = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite1h',
  'reasoning',
  'audioInput',
  'webSearches',
  'outputAudioSeconds',
];

const usage: fc.Arbitrary<Usage> = fc.record(Object.fromEntries(USAGE_FIELDS.map((field) => [field, fc.nat()])), {
  requiredKeys: [],
});

const cost: fc.Arbitrary<Cost> = fc
  .record(
    {
      status: fc.constantFrom(...COST_STATUSES),
      version: text,
      flags: fc.array(text, { maxLength: 3 }),
      pico,
      listPico: pico,
      cacheSavingsPico: pico,
      source: fc.constantFrom('list' as const, 'override' as const, 'provider' as const),
      match: fc.constantFrom('exact' as const, 'snapshot' as const, 'alias' as const),
      rowId: text,
      effectiveFrom: text,
      tier: text,
      variant: text,
    },
    { requiredKeys: ['status', 'version', 'flags', 'pico'] },
  )
  .map(({ pico, listPico, ...rest }) => ({
    ...rest,
    ...(['priced', 'free', 'estimated'].includes(rest.status) && { pico, usd: Number(pico) / 1e12 }),
    ...(listPico !== undefined && { listPico, listUsd: Number(listPico) / 1e12 }),
  }));

const attribution: fc.Arbitrary<Attribution> = fc.record(
  {
    feature: text,
    team: text,
    tenant: text,
    environment: text,
    user: text,
    session: text,
    route: text,
    request: text,
    extra: fc.dictionary(key, text, { minKeys: 1, maxKeys: 3 }),
  },
  { requiredKeys: ['feature'] },
);

const used = fc.oneof(
  fc.record({ usage, usageSource: fc.constantFrom('provider' as const, 'estimated' as const) }),
  fc.constant({ usageSource: 'none' as const }),
);

/** Any call: times to the nanosecond, money to the pico-USD. */
export const anyCall: fc.Arbitrary<CallRecord> = fc
  .record(
    {
      traceId: hex(32),
      spanId: hex(16),
      parentSpanId: hex(16),
      operation: text,
      provider: text,
      requestModel: text,
      responseModel: text,
      responseId: text,
      finishReasons: fc.array(text, { maxLength: 3 }),
      serverAddress: text,
      serverPort: fc.nat({ max: 65_535 }),
      stream: fc.boolean(),
      startTime: fc.double({ min: 1e12, max: 4e12, noNaN: true }),
      duration: milliseconds,
      timeToFirstChunk: milliseconds,
      outcome: fc.constantFrom(...OUTCOMES),
      errorType: text,
      attempts: fc.nat({ max: 10 }),
      attribution,
      callSite: text,
      cost,
      attributes: fc.dictionary(
        key.map((name) => `gen_ai.request.${name}_x`),
        fc.oneof(
          text,
          tokens,
          fc.boolean(),
          fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-9 }),
          fc.array(text),
        ),
        { maxKeys: 4 },
      ),
      service: text,
      used,
    },
    {
      requiredKeys: [
        'traceId',
        'spanId',
        'operation',
        'provider',
        'stream',
        'startTime',
        'duration',
        'outcome',
        'attribution',
        'cost',
        'attributes',
        'used',
      ],
    },
  )
  // Cloned: fast-check's objects have no prototype at times.
  .map(({ used, ...call }) => structuredClone({ ...call, ...used }));
