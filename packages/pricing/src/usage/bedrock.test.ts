import { describe, expect, test } from 'vitest';
import { extractUsage } from './extract.ts';
import { body } from './fixtures.ts';

const invoke = (value: unknown, headers?: Readonly<Record<string, unknown>>) =>
  extractUsage({ provider: 'aws.bedrock', api: 'invoke_model', body: value, headers });

describe('Converse', () => {
  const expected = {
    usage: { input: 1030, output: 10, cacheRead: 800, cacheWrite: 0, cacheWrite5m: 150, cacheWrite1h: 50 },
    context: { serviceTier: 'default', speed: 'standard' },
    flags: [],
  };

  test('the cache is outside inputTokens; writes by life', () => {
    const converse = body('bedrock/converse.json');
    expect(extractUsage({ provider: 'aws.bedrock', api: 'converse', body: converse })).toEqual(expected);
    expect(extractUsage({ provider: 'aws.bedrock', api: 'converse', body: { metadata: converse } })).toEqual(expected);
  });
});

describe('InvokeModel passes the maker’s body through', () => {
  test('Anthropic', () => {
    expect(invoke(body('bedrock/invoke-model.anthropic.json'))?.usage).toMatchObject({ input: 30, output: 10 });
    const usage = { input_tokens: 3, cache_read_input_tokens: 9511, output_tokens: 1944 };
    expect(invoke({ usage })?.usage).toEqual({ input: 9514, cacheRead: 9511, output: 1944 });
  });

  test.each([
    [
      'OpenAI responses',
      { usage: { input_tokens: 88, input_tokens_details: { cached_tokens: 8 }, output_tokens: 14, total_tokens: 102 } },
      { input: 88, cacheRead: 8, output: 14 },
    ],
    ['chat completions', { usage: { prompt_tokens: 8, completion_tokens: 4 } }, { input: 8, output: 4 }],
    [
      'Nova',
      { usage: { inputTokens: 8, outputTokens: 4, cacheReadInputTokens: 2 } },
      { input: 10, cacheRead: 2, output: 4 },
    ],
    ['Llama', { prompt_token_count: 8, generation_token_count: 4 }, { input: 8, output: 4 }],
    [
      'Titan text',
      { inputTextTokenCount: 8, results: [{ tokenCount: 3 }, { tokenCount: 4 }] },
      { input: 8, output: 7 },
    ],
    ['Titan embeddings', { embedding: [0.1], inputTextTokenCount: 8 }, { input: 8 }],
    ['Cohere', { meta: { billed_units: { input_tokens: 8, output_tokens: 4 } } }, { input: 8, output: 4 }],
    [
      'any stream’s last chunk',
      {
        'amazon-bedrock-invocationMetrics': {
          inputTokenCount: 8,
          outputTokenCount: 4,
          cacheReadInputTokenCount: 2,
          cacheWriteInputTokenCount: 1,
        },
      },
      { input: 11, output: 4, cacheRead: 2, cacheWrite: 1 },
    ],
  ])('%s', (_maker, value, usage) => {
    expect(invoke(value)).toMatchObject({ usage, flags: [] });
    expect(invoke(value)?.usage).toEqual(usage);
  });

  test('headers count where the body does not', () => {
    const headers = { 'x-amzn-bedrock-input-token-count': '30', 'x-amzn-bedrock-output-token-count': '10' };
    expect(invoke({ outputs: [] }, headers)?.usage).toEqual({ input: 30, output: 10 });
    expect(invoke({ prompt_token_count: 8 }, headers)?.usage).toEqual({ input: 8 });
    const cached = { ...headers, 'x-amzn-bedrock-cache-read-input-token-count': '5' };
    expect(invoke({ outputs: [] }, cached)?.usage).toEqual({ input: 35, output: 10, cacheRead: 5 });
    expect(invoke({ outputs: [] })).toBeUndefined();
    expect(invoke({ outputs: [] }, {})).toBeUndefined();
    expect(invoke({}, { ...headers, 'x-amzn-bedrock-input-token-count': 'many' })?.flags).toEqual([
      'usage_invalid:x-amzn-bedrock-input-token-count',
    ]);
  });

  test('headers name the tier, whoever counts', () => {
    const headers = { 'x-amzn-bedrock-input-token-count': '30', 'x-amzn-bedrock-service-tier': 'priority' };
    expect(invoke({ prompt_token_count: 8 }, headers)?.context).toEqual({ serviceTier: 'priority' });
    expect(invoke({}, headers)?.context).toEqual({ serviceTier: 'priority' });
  });
});
