import { expect, test } from 'vitest';
import { aiSdkUsage, langchainUsage } from './frameworks.ts';

test("LangChain's totals contain their details", () => {
  const usage_metadata = {
    input_tokens: 100,
    output_tokens: 50,
    total_tokens: 150,
    input_token_details: { cache_read: 30, cache_creation: 20, audio: 5, image: 4, video: 3 },
    output_token_details: { reasoning: 10, audio: 2, image: 1 },
  };
  expect(langchainUsage({ usage_metadata })).toEqual({
    usage: {
      input: 100,
      output: 50,
      cacheRead: 30,
      cacheWrite: 20,
      reasoning: 10,
      audioInput: 5,
      imageInput: 4,
      videoInput: 3,
      audioOutput: 2,
      imageOutput: 1,
    },
    context: {},
    flags: [],
  });
});

test('a message without usage reports none', () => {
  expect(langchainUsage({ content: 'Hello.' })).toBeUndefined();
});

test("the AI SDK's numbers, totals and tokens of embeddings", () => {
  const numbers = { inputTokens: 100, outputTokens: 20, totalTokens: 120, cachedInputTokens: 60, reasoningTokens: 5 };
  const totals = {
    inputTokens: { total: 100, noCache: 30, cacheRead: 60, cacheWrite: 10 },
    outputTokens: { total: 20, text: 15, reasoning: 5 },
  };
  const wanted = { input: 100, output: 20, cacheRead: 60, reasoning: 5 };
  expect(aiSdkUsage({ usage: numbers })).toEqual({ usage: wanted, context: {}, flags: [] });
  expect(aiSdkUsage({ usage: totals })).toEqual({ usage: { ...wanted, cacheWrite: 10 }, context: {}, flags: [] });
  expect(aiSdkUsage({ usage: { tokens: 7 } })?.usage).toEqual({ input: 7 });
  expect(aiSdkUsage({})).toBeUndefined();
});
