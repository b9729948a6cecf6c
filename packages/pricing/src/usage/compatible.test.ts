/** Providers whose APIs are OpenAI's with differences: the same body means something else from another host. */
import { describe, expect, test } from 'vitest';
import { extractUsage, type UsageApi } from './extract.ts';
import { body, lines } from './fixtures.ts';

const read = (provider: string, value: unknown, api: UsageApi = 'chat') => extractUsage({ provider, api, body: value });

describe('xAI', () => {
  test('reasoning stands outside the completion in chat, inside the output in responses', () => {
    const chat = body('openai-compat/xai.chat.json');
    expect(read('x_ai', chat)?.usage).toMatchObject({ input: 687, cacheRead: 680, output: 330, reasoning: 320 });
    expect(read('openai', chat)?.usage).toMatchObject({ output: 10, reasoning: 10 });
    const usage = { input_tokens: 10, output_tokens: 50, output_tokens_details: { reasoning_tokens: 40 } };
    expect(read('x_ai', { usage }, 'responses')?.usage).toEqual({ input: 10, output: 50, reasoning: 40 });
  });

  test('text_tokens, which overlap other modalities, are not read', () => {
    const details = { text_tokens: 100, image_tokens: 80, audio_tokens: 0, cached_tokens: 90 };
    const usage = { prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: details };
    expect(read('x_ai', { usage })).toEqual({
      usage: { input: 100, output: 1, cacheRead: 90, imageInput: 80, audioInput: 0 },
      context: {},
      flags: [],
    });
  });

  test('the bill, in ticks, of chat, responses and images', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, cost_in_usd_ticks: 37_756_000 };
    const cost = { usd: 0.0037756, field: 'usage.cost_in_usd_ticks' };
    expect(read('x_ai', { usage })?.reportedCost).toEqual(cost);
    expect(read('x_ai', { usage }, 'responses')?.reportedCost).toEqual(cost);
    expect(read('x_ai', { usage: { cost_in_usd_ticks: 2e8 } }, 'images')).toEqual({
      usage: {},
      context: {},
      flags: [],
      reportedCost: { usd: 0.02, field: 'usage.cost_in_usd_ticks' },
    });
  });
});

describe('OpenRouter', () => {
  test('usage.cost is the bill', () => {
    expect(read('openrouter', body('openai-compat/openrouter.chat.json'))).toMatchObject({
      usage: { input: 194, output: 2, cacheWrite: 100, webSearches: 0 },
      reportedCost: { usd: 0.00095, field: 'usage.cost' },
    });
  });

  test("with the caller's own key the upstream's charge is added, and without it there is no bill", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, cost: 0.25, is_byok: true };
    const cost_details = { upstream_inference_cost: 0.5 };
    expect(read('openrouter', { usage: { ...usage, cost_details } })?.reportedCost?.usd).toBe(0.75);
    expect(read('openrouter', { usage })?.reportedCost).toBeUndefined();
    const renamed = { promptTokens: 1, cost: 0.25, isByok: true, costDetails: { upstreamInferenceCost: 0.5 } };
    expect(read('openrouter', { usage: renamed })?.reportedCost?.usd).toBe(0.75);
  });

  test('a free call was billed 0; a cost that is no amount is flagged', () => {
    expect(read('openrouter', { usage: { prompt_tokens: 1, cost: 0 } })?.reportedCost?.usd).toBe(0);
    for (const cost of [-1, Number.NaN, Number.POSITIVE_INFINITY, '0.1']) {
      const report = read('openrouter', { usage: { prompt_tokens: 1, cost } });
      expect(report?.reportedCost).toBeUndefined();
      expect(report?.flags).toEqual(['usage_invalid:usage.cost']);
    }
  });
});

describe('Perplexity', () => {
  const usage = {
    prompt_tokens: 33,
    completion_tokens: 50,
    total_tokens: 83,
    search_context_size: 'low',
    citation_tokens: 25,
    num_search_queries: 3,
    reasoning_tokens: 20,
    cost: { input_tokens_cost: 0.001, total_cost: 0.042 },
  };

  test('reasoning is outside the completion, citations are outside everything', () => {
    expect(read('perplexity', { usage })).toEqual({
      usage: { input: 33, output: 70, reasoning: 20, citation: 25, webSearches: 3 },
      context: { searchContextSize: 'low' },
      flags: [],
      reportedCost: { usd: 0.042, field: 'usage.cost.total_cost' },
    });
  });
});

test('Perplexity responses: reasoning is inside; another currency is no USD', () => {
  const usage = { input_tokens: 9, output_tokens: 50, output_tokens_details: { reasoning_tokens: 40 } };
  const cost = { currency: 'USD', total_cost: 0.02 };
  expect(read('perplexity', { usage: { ...usage, cost } }, 'responses')).toMatchObject({
    usage: { input: 9, output: 50, reasoning: 40 },
    reportedCost: { usd: 0.02 },
  });
  const euros = read('perplexity', { usage: { ...usage, cost: { ...cost, currency: 'EUR' } } }, 'responses');
  expect(euros?.reportedCost).toBeUndefined();
});

test('nobody else may state a cost', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1, cost: 5, cost_in_usd_ticks: 5e10 };
  for (const provider of ['openai', 'groq', 'deepseek', 'mistral_ai', 'together_ai', 'who.knows']) {
    expect(read(provider, { usage })?.reportedCost).toBeUndefined();
  }
  expect(read('x_ai', { usage: { ...usage, cost_in_usd_ticks: undefined } })?.reportedCost).toBeUndefined();
  expect(read('perplexity', { usage })?.reportedCost).toBeUndefined();
});

test('DeepSeek: the prompt is hits and misses', () => {
  expect(read('deepseek', body('openai-compat/deepseek.chat.json'))?.usage).toEqual({
    input: 1024,
    cacheRead: 960,
    output: 64,
    reasoning: 10,
  });
  const usage = { prompt_tokens: 10, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6, completion_tokens: 2 };
  expect(read('deepseek', { usage })?.usage).toEqual({ input: 10, cacheRead: 4, output: 2 });
  expect(read('openai', { usage })?.usage).toEqual({ input: 10, output: 2 });
});

test('Groq: usage of a stream may be in x_groq, and is read once', () => {
  expect(read('groq', body('groq/chat.json'))).toMatchObject({
    usage: { input: 42, output: 8, cacheRead: 0, reasoning: 0 },
    context: { serviceTier: 'on_demand' },
  });
  const usage = { prompt_tokens: 5, completion_tokens: 6 };
  expect(read('groq', { choices: [], x_groq: { usage } })?.usage).toEqual({ input: 5, output: 6 });
  expect(read('groq', { usage, x_groq: { usage } })?.usage).toEqual({ input: 5, output: 6 });
});

describe('Mistral', () => {
  test('billed cache tokens, in both spellings; hits that are not billed as such are not read', () => {
    expect(read('mistral_ai', body('mistral/chat.json'))?.usage).toEqual({ input: 29, output: 29, cacheRead: 16 });
    const usage = {
      promptTokens: 29,
      completionTokens: 3,
      promptTokensDetails: { cachedTokens: 16 },
      serviceTier: 'flex',
    };
    expect(read('mistral_ai', { data: { usage } })).toMatchObject({
      usage: { input: 29, output: 3, cacheRead: 16 },
      context: { serviceTier: 'flex' },
    });
    expect(read('mistral_ai', { usage: { prompt_tokens: 70, num_cached_tokens: 69 } })?.usage).toEqual({ input: 70 });
  });

  test('streams, audio, embeddings, pages', () => {
    expect(read('mistral_ai', lines('mistral/chat.stream.sse').at(-1))?.usage).toEqual({ input: 29, output: 29 });
    expect(read('mistral_ai', { usage: { prompt_tokens: 4, prompt_audio_seconds: 7 } })?.usage).toEqual({
      input: 4,
      inputAudioSeconds: 7,
    });
    expect(read('mistral_ai', body('mistral/embeddings.json'), 'embeddings')?.usage).toEqual({ input: 15, output: 0 });
    expect(read('mistral_ai', body('mistral/ocr.json'), 'ocr')?.usage).toEqual({ pages: 3 });
  });
});

describe('Cohere', () => {
  test('what was billed, not what was counted', () => {
    expect(read('cohere', body('cohere/v2.chat.json'))?.usage).toEqual({ input: 5, output: 418 });
    expect(read('cohere', lines('cohere/v2.chat.stream.sse').at(-1))?.usage).toEqual({ input: 5, output: 418 });
    const usage = { billedUnits: { inputTokens: 5, outputTokens: 6 }, tokens: { inputTokens: 71, outputTokens: 6 } };
    expect(read('cohere', { usage })?.usage).toEqual({ input: 5, output: 6 });
    expect(read('cohere', { usage: { tokens: { input_tokens: 71 } } })?.usage).toEqual({ input: 71 });
  });

  test('images by token, else by number', () => {
    const meta = { billed_units: { input_tokens: 2, image_tokens: 30, images: 1 } };
    expect(read('cohere', { meta }, 'embeddings')?.usage).toEqual({ input: 32, imageInput: 30 });
    expect(read('cohere', { meta: { billed_units: { images: 4 } } }, 'embeddings')?.usage).toEqual({ images: 4 });
  });

  test('embed and rerank', () => {
    expect(read('cohere', body('cohere/v2.embed.json'), 'embeddings')?.usage).toEqual({ input: 2 });
    expect(read('cohere', body('cohere/v2.rerank.json'), 'rerank')?.usage).toEqual({ searchUnits: 1 });
  });
});

test('Ollama: its own API and the one in OpenAI shape', () => {
  expect(read('ollama', body('ollama/chat.json'))?.usage).toEqual({ input: 26, output: 298 });
  const chunks = lines('ollama/chat.stream.jsonl').map((chunk) => read('ollama', chunk)?.usage);
  expect(chunks).toEqual([undefined, { input: 26, output: 282 }]);
  expect(read('ollama', { usage: { prompt_tokens: 3, completion_tokens: 4 } })?.usage).toEqual({ input: 3, output: 4 });
});

test('hosts with an API of their own are read in OpenAI shape too', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 4 };
  expect(read('cohere', { usage })?.usage).toEqual({ input: 3, output: 4 });
  expect(read('cohere', { usage: { prompt_tokens: 3 } }, 'embeddings')?.usage).toEqual({ input: 3 });
  expect(read('gcp.gemini', { usage: { prompt_tokens: 3, total_tokens: 3 } }, 'embeddings')?.usage).toEqual({
    input: 3,
  });
  expect(read('gcp.gemini', { data: [{}, {}] }, 'images')?.usage).toEqual({ images: 2 });
});

test('hosts without differences, known or not, are read like OpenAI', () => {
  const together = body('together/chat.json');
  for (const provider of ['together_ai', 'fireworks_ai', 'moonshot_ai', 'who.knows', '']) {
    expect(read(provider, together)?.usage).toEqual({ input: 20, output: 5 });
  }
  expect(read('moonshot_ai', { usage: { prompt_tokens: 9, cached_tokens: 4 } })?.usage).toEqual({
    input: 9,
    cacheRead: 4,
  });
});
