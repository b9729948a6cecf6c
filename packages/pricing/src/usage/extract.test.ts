import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Usage, UsageReport } from '../types.ts';
import { mergeAnthropicUsage } from './anthropic.ts';
import { extractUsage, type UsageApi } from './extract.ts';
import { body } from './fixtures.ts';

const PROVIDERS = [
  'openai',
  'azure.ai.openai',
  'anthropic',
  'gcp.gemini',
  'gcp.vertex_ai',
  'aws.bedrock',
  'mistral_ai',
  'cohere',
  'deepseek',
  'groq',
  'perplexity',
  'x_ai',
  'openrouter',
  'ollama',
  'together_ai',
  'who.knows',
  '__proto__',
];

const APIS: readonly UsageApi[] = [
  'chat',
  'completions',
  'responses',
  'embeddings',
  'images',
  'transcription',
  'speech',
  'realtime',
  'decisions',
  'thread_run',
  'batch',
  'rerank',
  'ocr',
  'messages',
  'generate_content',
  'embed_content',
  'generate_images',
  'live',
  'interactions',
  'converse',
  'invoke_model',
];

const BODIES: readonly (readonly [provider: string, api: UsageApi, body: unknown])[] = [
  ['openai', 'chat', body('openai/chat.completion.json')],
  ['openai', 'responses', body('openai/response.json')],
  ['openai', 'realtime', body('openai/realtime.response.done.json')],
  ['anthropic', 'messages', body('anthropic/message.json')],
  ['gcp.gemini', 'generate_content', body('google/generateContent.grounding.json')],
  ['gcp.gemini', 'interactions', body('google/interaction.json')],
  ['aws.bedrock', 'converse', body('bedrock/converse.json')],
  ['x_ai', 'chat', body('openai-compat/xai.chat.json')],
  ['openrouter', 'chat', body('openai-compat/openrouter.chat.json')],
  ['cohere', 'chat', body('cohere/v2.chat.json')],
];

const SUBSETS: readonly (readonly [keyof Usage, readonly (keyof Usage)[]])[] = [
  ['input', ['cacheRead', 'cacheWrite', 'cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h']],
  ['input', ['audioInput', 'imageInput', 'videoInput']],
  ['output', ['reasoning']],
  ['output', ['audioOutput', 'imageOutput', 'videoOutput']],
  ['cacheRead', ['audioCacheRead', 'imageCacheRead', 'videoCacheRead']],
  ['audioInput', ['audioCacheRead']],
  ['imageInput', ['imageCacheRead']],
  ['videoInput', ['videoCacheRead']],
];

function expectSound(report: UsageReport | undefined): void {
  if (report === undefined) return;
  for (const usage of [report.usage, ...(report.additional ?? []).map((entry) => entry.usage)]) {
    for (const amount of Object.values(usage)) expect(amount >= 0 && amount <= Number.MAX_SAFE_INTEGER).toBe(true);
    for (const [total, subsets] of SUBSETS) {
      const parts = subsets.reduce((sum, subset) => sum + (usage[subset] ?? 0), 0);
      expect(parts).toBeLessThanOrEqual((usage[total] ?? 0) * (1 + 1e-9));
    }
  }
  if (report.reportedCost) expect(report.reportedCost.usd >= 0 && Number.isFinite(report.reportedCost.usd)).toBe(true);
  expect(new Set(report.flags).size).toBe(report.flags.length);
}

const hostile = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true, withNullPrototype: true }),
  fc.constantFrom(
    Number.NaN,
    -1,
    -0,
    1e300,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    '12',
    '',
    null,
    undefined,
    true,
    {},
    [],
  ),
  fc.integer({ min: 0, max: 5000 }),
  fc.double(),
  fc.constant(thrower()),
);

/** An object of which every property throws. */
function thrower(): object {
  return new Proxy([], {
    get() {
      throw new Error('hostile');
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

/** A copy in which the leaves that `pick` chooses are replaced. */
function mutate(value: unknown, pick: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mutate(item, pick));
  if (typeof value !== 'object' || value === null) return pick(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mutate(item, pick)]));
}

describe('whatever the body', () => {
  test('anything at all neither throws nor yields an unsound report', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROVIDERS), fc.constantFrom(...APIS), hostile, (provider, api, value) => {
        expectSound(extractUsage({ provider, api, body: value }));
        for (const key of ['usage', 'usageMetadata', 'message', 'response', 'meta']) {
          expectSound(extractUsage({ provider, api, body: { [key]: value } }));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('real bodies with hostile leaves neither throw nor yield an unsound report', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BODIES),
        fc.array(fc.tuple(fc.boolean(), hostile), { minLength: 60, maxLength: 60 }),
        ([provider, api, original], choices) => {
          let next = 0;
          const mutated = mutate(original, (leaf) => {
            const [replace, value] = choices[next++ % choices.length] as (typeof choices)[number];
            return replace ? value : leaf;
          });
          expectSound(extractUsage({ provider, api, body: mutated }));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('every reader stands throwing getters, revoked proxies and endless lists', () => {
    const endless = new Proxy([], {
      get: (_target, key) => (key === 'length' ? 2 ** 32 - 1 : { type: 'file_search_call' }),
    });
    for (const provider of PROVIDERS) {
      for (const api of APIS) {
        for (const bad of [thrower(), revoked(), endless]) {
          expectSound(extractUsage({ provider, api, body: bad }));
          expectSound(extractUsage({ provider, api, body: { usage: bad, usageMetadata: bad, data: bad, meta: bad } }));
          const usage = { input_tokens: 1, prompt_tokens_details: bad, iterations: bad, cacheDetails: bad };
          expectSound(extractUsage({ provider, api, body: { usage, output: bad, candidates: bad, results: bad } }));
        }
      }
    }
    expect(mergeAnthropicUsage(thrower(), revoked())).toEqual({});
    expect(extractUsage({ provider: 'openai', api: 'nothing' as UsageApi, body: {} })).toBeUndefined();
    expect(extractUsage({ provider: 'openai', api: 'constructor' as UsageApi, body: {} })).toBeUndefined();
  });

  test('a throwing getter costs its own field alone', () => {
    const usage = {
      prompt_tokens: 10,
      get completion_tokens(): number {
        throw new Error('hostile');
      },
    };
    expect(extractUsage({ provider: 'openai', api: 'chat', body: { usage } })?.usage).toEqual({ input: 10 });
  });
});

describe('numbers', () => {
  const chat = (usage: unknown) => extractUsage({ provider: 'openai', api: 'chat', body: { usage } });

  test('without usage there is no report', () => {
    for (const usage of [undefined, null, {}, [], 'none', 0, { total_tokens: null }])
      expect(chat(usage)).toBeUndefined();
    for (const value of [undefined, null, '', 0, [], {}, { error: { message: 'x' } }]) {
      for (const api of APIS) expect(extractUsage({ provider: 'openai', api, body: value })).toBeUndefined();
    }
  });

  test('absent is not 0, and a stated 0 stays', () => {
    expect(chat({ prompt_tokens: 0 })).toEqual({ usage: { input: 0 }, context: {}, flags: [] });
    expect(Object.is(chat({ prompt_tokens: -0 })?.usage.input, 0)).toBe(true);
    expect(chat({ prompt_tokens: 5, prompt_tokens_details: { cached_tokens: null } })).toEqual({
      usage: { input: 5 },
      context: {},
      flags: [],
    });
  });

  test.each([[-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['12'], [true], [{}], [[1]], [5n], [2 ** 53 + 2]])(
    '%s is dropped and flagged',
    (bad) => {
      expect(chat({ prompt_tokens: bad, completion_tokens: 3 })).toEqual({
        usage: { output: 3 },
        context: {},
        flags: ['usage_invalid:prompt_tokens'],
      });
      expect(chat({ prompt_tokens: bad })).toEqual({ usage: {}, context: {}, flags: ['usage_invalid:prompt_tokens'] });
    },
  );

  test('subsets above their total are cut, the first keeping most', () => {
    const report = chat({
      prompt_tokens: 100,
      completion_tokens: 10,
      prompt_tokens_details: { cached_tokens: 80, cache_write_tokens: 50, audio_tokens: 120 },
      completion_tokens_details: { reasoning_tokens: 11 },
    });
    expect(report).toEqual({
      usage: { input: 100, output: 10, cacheRead: 80, cacheWrite: 20, reasoning: 10, audioInput: 100 },
      context: {},
      flags: ['usage_clamped'],
    });
  });

  test('a total that is not stated is at least its parts, and flagged', () => {
    expect(chat({ prompt_tokens_details: { cached_tokens: 80 } })).toEqual({
      usage: { input: 80, cacheRead: 80 },
      context: {},
      flags: ['usage_clamped'],
    });
  });

  test('sums obey the bound of single numbers', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const usage = { input_tokens: most, cache_read_input_tokens: most, output_tokens: 1 };
    expect(extractUsage({ provider: 'anthropic', api: 'messages', body: { usage } })).toEqual({
      usage: { input: most, cacheRead: most, output: 1 },
      context: {},
      flags: ['usage_clamped'],
    });
    const usageMetadata = { promptTokenCount: most, toolUsePromptTokenCount: 5 };
    expect(extractUsage({ provider: 'gcp.gemini', api: 'generate_content', body: { usageMetadata } })).toEqual({
      usage: { input: most },
      context: {},
      flags: ['usage_invalid:toolUsePromptTokenCount'],
    });
  });

  test('names are short strings', () => {
    const tier = (service_tier: unknown) =>
      extractUsage({ provider: 'openai', api: 'chat', body: { usage: { prompt_tokens: 1 }, service_tier } })?.context;
    for (const bad of ['', null, 5, {}, 'x'.repeat(65)]) expect(tier(bad)).toEqual({});
    expect(tier('flex')).toEqual({ serviceTier: 'flex' });
  });
});

test('inclusive and exclusive forms of the same usage are one', () => {
  const count = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(count, count, count, count, (fresh, read, write, output) => {
      const anthropic = extractUsage({
        provider: 'anthropic',
        api: 'messages',
        body: {
          usage: {
            input_tokens: fresh,
            cache_read_input_tokens: read,
            cache_creation_input_tokens: write,
            output_tokens: output,
          },
        },
      });
      const openai = extractUsage({
        provider: 'openai',
        api: 'chat',
        body: {
          usage: {
            prompt_tokens: fresh + read + write,
            completion_tokens: output,
            prompt_tokens_details: { cached_tokens: read, cache_write_tokens: write },
          },
        },
      });
      expect(anthropic).toEqual(openai);
    }),
  );
});
