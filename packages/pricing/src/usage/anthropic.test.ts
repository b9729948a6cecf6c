import { describe, expect, test } from 'vitest';
import { anthropicMessages, mergeAnthropicUsage } from './anthropic.ts';
import { extractUsage } from './extract.ts';
import { body, lines } from './fixtures.ts';

const MESSAGE = {
  usage: {
    input: 12_060,
    output: 503,
    cacheRead: 10_000,
    cacheWrite: 0,
    cacheWrite5m: 1024,
    cacheWrite1h: 1024,
    reasoning: 200,
    webSearches: 2,
    webFetches: 1,
  },
  context: { serviceTier: 'standard', speed: 'standard', geo: 'us' },
  flags: [],
};

describe('messages', () => {
  test('the cache is outside input_tokens; writes by life; thinking inside the output', () => {
    expect(anthropicMessages(body('anthropic/message.json'))).toEqual(MESSAGE);
  });

  test('writes without a split have no stated life', () => {
    const usage = { input_tokens: 5, cache_creation_input_tokens: 100, cache_creation: null, output_tokens: 1 };
    expect(anthropicMessages({ usage })?.usage).toEqual({ input: 105, output: 1, cacheWrite: 100 });
  });

  test('a split without the sum is counted', () => {
    const usage = { input_tokens: 5, cache_creation: { ephemeral_5m_input_tokens: 30 }, output_tokens: 1 };
    expect(anthropicMessages({ usage })?.usage).toEqual({ input: 35, output: 1, cacheWrite5m: 30 });
  });

  test('"not_available" is no place', () => {
    const usage = { input_tokens: 5, output_tokens: 1, inference_geo: 'not_available' };
    expect(anthropicMessages({ usage })?.context).toEqual({});
  });

  test('more thinking than output is cut and flagged', () => {
    const report = anthropicMessages(body('anthropic/message.refusal.json'));
    expect(report?.usage).toMatchObject({ output: 1, reasoning: 1 });
    expect(report?.flags).toEqual(['usage_clamped']);
  });

  test('a managed session tells each model request', () => {
    expect(anthropicMessages(body('anthropic/managed-session.model_request_end.json'))).toMatchObject({
      usage: { input: 500, output: 100 },
      context: { speed: 'standard' },
    });
  });
});

test('results of a batch', () => {
  const reports = lines('anthropic/batch.results.jsonl').map((line) =>
    extractUsage({ provider: 'anthropic', api: 'batch', body: line }),
  );
  expect(reports).toEqual([
    { ...MESSAGE, context: { ...MESSAGE.context, serviceTier: 'batch', batch: true } },
    { ...MESSAGE, context: { ...MESSAGE.context, serviceTier: 'batch', batch: true } },
    undefined,
  ]);
  expect(anthropicMessages({ usage: { input_tokens: 1, service_tier: 'batch' } })?.context.batch).toBe(true);
});

describe('iterations', () => {
  const step = (type: string, input: number, more: object = {}) => ({
    type,
    input_tokens: input,
    output_tokens: 10,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_creation: null,
    ...more,
  });
  const read = (iterations: unknown) =>
    anthropicMessages({ usage: { input_tokens: 180, output_tokens: 8, iterations } })?.additional;

  test('a compaction is not in the totals, and is billed under the same model', () => {
    const writes = { cache_creation_input_tokens: 700, cache_creation: { ephemeral_5m_input_tokens: 700 } };
    expect(read([step('compaction', 100, writes), step('message', 180)])).toEqual([
      { usage: { input: 800, output: 10, cacheRead: 0, cacheWrite: 0, cacheWrite5m: 700 } },
    ]);
  });

  test('an advisor is billed under its own model', () => {
    expect(read([step('message', 90), step('advisor_message', 250, { model: 'claude-opus-5' })])).toEqual([
      { model: 'claude-opus-5', usage: { input: 250, output: 10, cacheRead: 0, cacheWrite: 0 } },
    ]);
  });

  test('one without tokens is left out, but not the remarks on it', () => {
    const nothing = { output_tokens: 0 };
    expect(read([step('compaction', 0, nothing)])).toBeUndefined();
    const usage = { input_tokens: 180, output_tokens: 8, iterations: [step('compaction', -1, nothing)] };
    expect(anthropicMessages({ usage })?.flags).toEqual(['usage_invalid:input_tokens']);
  });

  test('turns and fallbacks are inside the totals', () => {
    expect(read([step('message', 90), step('fallback_message', 90, { model: 'claude-opus-5' })])).toBeUndefined();
    expect(read(null)).toBeUndefined();
  });
});

describe('streams', () => {
  const stream = lines('anthropic/message.stream.sse') as readonly { message?: { usage: unknown }; usage?: unknown }[];
  const usages = stream.map((event) => event.message?.usage ?? event.usage).filter((usage) => usage !== undefined);

  test('start and delta together are the message', () => {
    const usage = usages.reduce(mergeAnthropicUsage);
    expect(anthropicMessages({ usage })).toEqual(MESSAGE);
  });

  test('a delta is cumulative: what it states replaces, null and absence keep', () => {
    const start = { input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 4, service_tier: 'priority' };
    const delta = { input_tokens: 30, output_tokens: 20, cache_read_input_tokens: null };
    const once = mergeAnthropicUsage(start, delta);
    expect(once).toEqual({ input_tokens: 30, output_tokens: 20, cache_read_input_tokens: 4, service_tier: 'priority' });
    expect(mergeAnthropicUsage(once, delta)).toEqual(once);
  });

  test('merging does not touch its arguments, and takes anything', () => {
    const start = Object.freeze({ input_tokens: 10 });
    expect(mergeAnthropicUsage(start, undefined)).toEqual({ input_tokens: 10 });
    expect(mergeAnthropicUsage(null, 'x')).toEqual({});
  });
});
