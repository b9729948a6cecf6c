import { describe, expect, test } from 'vitest';
import { extractUsage, type UsageApi } from './extract.ts';
import { body, lines } from './fixtures.ts';

const read = (api: UsageApi, value: unknown) => extractUsage({ provider: 'gcp.gemini', api, body: value });

const GENERATED = { input: 1300, output: 380, cacheRead: 1000, reasoning: 300, imageInput: 258 };

describe('generateContent', () => {
  test('input has the prompt of tool use, output the thoughts', () => {
    expect(read('generate_content', body('google/generateContent.json'))).toEqual({
      usage: GENERATED,
      context: {},
      flags: [],
    });
  });

  test('the last chunk of a stream says all', () => {
    const chunks = lines('google/streamGenerateContent.sse');
    expect(read('generate_content', chunks.at(-1))?.usage).toEqual(GENERATED);
    expect(read('generate_content', chunks[0])?.usage).toEqual({ input: 1200, output: 302, reasoning: 300 });
  });

  test.each([
    [{ trafficType: 'ON_DEMAND' }, 'standard'],
    [{ trafficType: 'ON_DEMAND_FLEX' }, 'flex'],
    [{ trafficType: 'PROVISIONED_THROUGHPUT' }, 'provisioned_throughput'],
    [{ trafficType: 'TRAFFIC_TYPE_UNSPECIFIED' }, undefined],
    [{ serviceTier: 'priority' }, 'priority'],
    [{ trafficType: 'SOMETHING_NEW' }, 'SOMETHING_NEW'],
  ])('tier %o', (fact, tier) => {
    const report = read('generate_content', { usageMetadata: { promptTokenCount: 1, ...fact } });
    expect(report?.context.serviceTier).toBe(tier);
  });

  test('tier of Vertex, and of the header', () => {
    expect(read('generate_content', body('google/generateContent.vertex.json'))?.context.serviceTier).toBe('priority');
    const sdkHttpResponse = { headers: { 'x-gemini-service-tier': 'flex' } };
    expect(read('generate_content', { usageMetadata: { promptTokenCount: 1 }, sdkHttpResponse })?.context).toEqual({
      serviceTier: 'flex',
    });
  });

  test('modalities of prompt, tool use and cache; documents are images', () => {
    const list = (...items: [string, number][]) => items.map(([modality, tokenCount]) => ({ modality, tokenCount }));
    const usageMetadata = {
      promptTokenCount: 1000,
      toolUsePromptTokenCount: 100,
      cachedContentTokenCount: 300,
      candidatesTokenCount: 50,
      promptTokensDetails: list(['TEXT', 500], ['AUDIO', 200], ['VIDEO', 150], ['DOCUMENT', 90], ['IMAGE', 60]),
      toolUsePromptTokensDetails: list(['AUDIO', 40], ['TEXT', 60]),
      cacheTokensDetails: list(['AUDIO', 120], ['VIDEO', 80], ['DOCUMENT', 20]),
      candidatesTokensDetails: list(['IMAGE', 50]),
    };
    expect(read('generate_content', { usageMetadata })).toEqual({
      usage: {
        input: 1100,
        output: 50,
        cacheRead: 300,
        audioInput: 240,
        imageInput: 150,
        videoInput: 150,
        imageOutput: 50,
        audioCacheRead: 120,
        imageCacheRead: 20,
        videoCacheRead: 80,
      },
      context: {},
      flags: [],
    });
  });

  test('an output of zero is left out of the JSON', () => {
    expect(read('generate_content', { usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 } })?.usage).toEqual({
      input: 7,
      output: 0,
    });
    expect(read('generate_content', { usageMetadata: { promptTokenCount: 7 } })?.usage).toEqual({ input: 7 });
  });

  test('searches: each different query once, empty ones never', () => {
    expect(read('generate_content', body('google/generateContent.grounding.json'))?.usage.webSearches).toBe(2);
    const candidates = [
      { groundingMetadata: { webSearchQueries: ['a', 'b', 'a', ''] } },
      { groundingMetadata: { webSearchQueries: ['b', 'c'] } },
    ];
    const usageMetadata = { promptTokenCount: 1 };
    expect(read('generate_content', { usageMetadata, candidates })?.usage.webSearches).toBe(3);
    expect(read('generate_content', body('google/generateContent.json'))?.usage.webSearches).toBeUndefined();
  });
});

test('a batch result', () => {
  const job = body('google/batch.job.json') as {
    metadata: { output: { inlinedResponses: { inlinedResponses: unknown[] } } };
  };
  expect(read('batch', job.metadata.output.inlinedResponses.inlinedResponses[0])).toMatchObject({
    usage: GENERATED,
    context: { batch: true },
  });
});

test('Live counts responses, not candidates', () => {
  const reports = lines('google/live.server-messages.jsonl').map((message) => read('live', message));
  expect(reports.slice(0, -1)).toEqual([undefined, undefined]);
  expect(reports.at(-1)?.usage).toEqual({ input: 10, output: 25, audioOutput: 25 });
});

test('interactions', () => {
  const usage = { input: 1100, output: 400, cacheRead: 400, reasoning: 200, webSearches: 2 };
  const interaction = body('google/interaction.json');
  expect(read('interactions', interaction)).toEqual({ usage, context: { serviceTier: 'standard' }, flags: [] });
  expect(read('interactions', { type: 'interaction.completed', interaction })?.usage).toEqual(usage);
  expect(read('interactions', body('google/interaction.deep-research.in_progress.json'))).toBeUndefined();
});

test('embeddings: tokens, else characters', () => {
  expect(read('embed_content', body('google/batchEmbedContents.json'))?.usage).toEqual({ input: 8 });
  expect(read('embed_content', body('google/vertex.predict.embed.json'))?.usage).toEqual({ input: 6 });
  const embeddings = [{ statistics: { tokenCount: 4 } }, { statistics: { tokenCount: 5 } }];
  expect(read('embed_content', { embeddings })?.usage).toEqual({ input: 9 });
  expect(read('embed_content', { metadata: { billableCharacterCount: 24 } })?.usage).toEqual({ inputCharacters: 24 });
});

test('images are counted', () => {
  expect(read('generate_images', body('google/generateImages.json'))?.usage).toEqual({ images: 1 });
  expect(read('generate_images', { generatedImages: [{}, {}] })?.usage).toEqual({ images: 2 });
});

test("in OpenAI's shape thoughts are only in the total", () => {
  const usage = { prompt_tokens: 20, completion_tokens: 198, total_tokens: 623 };
  expect(read('chat', { usage })?.usage).toEqual({ input: 20, output: 603 });
  expect(read('chat', { usage: { ...usage, total_tokens: 218 } })?.usage).toEqual({ input: 20, output: 198 });
});
