import { describe, expect, test } from 'vitest';
import { extractUsage, type UsageApi } from './extract.ts';
import { body, lines } from './fixtures.ts';

const read = (api: UsageApi, value: unknown) => extractUsage({ provider: 'openai', api, body: value });

describe('chat completions', () => {
  test('cached and reasoning tokens are subsets; a stated zero stays', () => {
    expect(read('chat', body('openai/chat.completion.json'))).toEqual({
      usage: {
        input: 2006,
        output: 300,
        cacheRead: 1920,
        cacheWrite: 0,
        audioInput: 0,
        imageInput: 0,
        reasoning: 192,
        audioOutput: 0,
      },
      context: { serviceTier: 'default' },
      flags: [],
    });
  });

  test('cache writes are inside the prompt; the tier is the one that served', () => {
    const report = read('chat', body('openai/chat.completion.cache-write.json'));
    expect(report?.usage).toMatchObject({ input: 4096, cacheRead: 1024, cacheWrite: 3000, output: 300 });
    expect(report?.context).toEqual({ serviceTier: 'priority' });
  });

  test('audio', () => {
    expect(read('chat', body('openai/chat.completion.audio.json'))?.usage).toMatchObject({
      input: 129,
      audioInput: 110,
      output: 245,
      audioOutput: 196,
    });
  });

  test('the usage of a stream is in its last chunk; a stream without one reports nothing', () => {
    const reports = lines('openai/chat.completion.stream.include-usage.sse').map((chunk) => read('chat', chunk));
    expect(reports.filter((report) => report !== undefined)).toEqual([reports.at(-1)]);
    expect(reports.at(-1)?.usage).toMatchObject({ input: 2006, output: 300 });
    for (const chunk of lines('openai/chat.completion.stream.no-usage.sse'))
      expect(read('chat', chunk)).toBeUndefined();
  });

  test('what the body does not say is absent', () => {
    expect(read('completions', body('openai/completion.json'))?.usage).toEqual({ input: 5, output: 6 });
    expect(read('thread_run', body('openai/thread.run.json'))?.usage).toEqual({ input: 123, output: 456 });
  });

  test('an SDK that renames the fields is read the same', () => {
    const usage = { promptTokens: 10, completionTokens: 4, promptTokensDetails: { cachedTokens: 3 } };
    expect(read('chat', { usage })?.usage).toEqual({ input: 10, output: 4, cacheRead: 3 });
  });

  test('Azure is OpenAI', () => {
    const azure = body('azure-openai/chat.completion.json');
    expect(extractUsage({ provider: 'azure.ai.openai', api: 'chat', body: azure })).toEqual(read('chat', azure));
    expect(read('chat', azure)?.usage).toMatchObject({ input: 2006, cacheRead: 1920, output: 300, reasoning: 192 });
  });
});

describe('responses', () => {
  test('writes are split by life, searches counted', () => {
    expect(read('responses', body('openai/response.json'))).toEqual({
      usage: {
        input: 3812,
        output: 512,
        cacheRead: 2048,
        cacheWrite: 0,
        cacheWrite30m: 1000,
        cacheWrite12h: 500,
        reasoning: 320,
        webSearches: 1,
      },
      context: { serviceTier: 'default' },
      flags: [],
    });
  });

  test('a write beyond the split has no stated life', () => {
    const details = { cache_write_tokens: 900, cache_write_tokens_details: { ttl_30m_tokens: 600 } };
    const usage = { input_tokens: 1000, output_tokens: 1, input_tokens_details: details };
    expect(read('responses', { usage })?.usage).toMatchObject({ cacheWrite: 300, cacheWrite30m: 600 });
  });

  test('file searches are counted by item, code interpreters by container', () => {
    const code = { type: 'code_interpreter_call', container_id: 'c1' };
    const output = [
      code,
      { ...code },
      { ...code, container_id: 'c2' },
      { type: 'file_search_call' },
      { type: 'message' },
    ];
    expect(read('responses', { usage: { input_tokens: 1 }, output })?.usage).toEqual({
      input: 1,
      fileSearches: 1,
      codeExecutions: 2,
    });
    expect(read('responses', body('openai/response.code-interpreter.json'))?.usage).toMatchObject({
      fileSearches: 1,
      codeExecutions: 1,
    });
  });

  test('searches: the billable number wins; else items that searched', () => {
    const output = [
      { type: 'web_search_call', action: { type: 'search' } },
      { type: 'web_search_call' },
      { type: 'web_search_call', action: { type: 'open_page' } },
    ];
    const usage = { input_tokens: 1 };
    expect(read('responses', { usage, output })?.usage.webSearches).toBe(2);
    const tool_usage = { web_search: { num_requests: 0 } };
    expect(read('responses', { usage, output, tool_usage })?.usage.webSearches).toBe(0);
  });

  test("the image tool's tokens are another model's", () => {
    const image_gen = { input_tokens: 30, output_tokens: 70, total_tokens: 100 };
    const tools = [{ type: 'web_search' }, { type: 'image_generation', model: 'gpt-image-2' }];
    const response = { usage: { input_tokens: 5, output_tokens: 6 }, tool_usage: { image_gen }, tools };
    expect(read('responses', response)?.additional).toEqual([
      { model: 'gpt-image-2', usage: { input: 30, output: 70, imageOutput: 70 } },
    ]);
    expect(read('responses', { ...response, tools: [] })?.additional?.[0]?.model).toBe('image_generation');
    expect(read('responses', body('openai/response.json'))?.additional).toBeUndefined();
  });

  test('of a stream only the terminal event has usage, also when it is incomplete', () => {
    const usages = lines('openai/response.stream.sse').map((event) => read('responses', event)?.usage);
    expect(usages.filter(Boolean)).toEqual([usages.at(-1)]);
    expect(usages.at(-1)).toMatchObject({ input: 3812, output: 512, webSearches: 1 });
    expect(read('responses', lines('openai/response.stream.incomplete.sse').at(-1))?.usage.input).toBe(3812);
    expect(read('responses', lines('openai/response.stream.failed.sse').at(-1))).toBeUndefined();
  });

  test('a background response reports when it is complete', () => {
    expect(read('responses', body('openai/response.background.queued.json'))).toBeUndefined();
    expect(read('responses', body('openai/response.background.completed.json'))?.usage.input).toBeGreaterThan(0);
  });

  test('decisions and agent turns', () => {
    expect(read('decisions', body('openai/decisions.json'))?.usage).toMatchObject({
      input: 220,
      cacheRead: 128,
      output: 6,
    });
    expect(read('responses', body('openai/agents.turn.json'))?.usage).toEqual({
      input: 900,
      cacheRead: 512,
      output: 210,
      reasoning: 64,
    });
  });
});

describe('embeddings, images, audio', () => {
  test('embeddings', () => {
    expect(read('embeddings', body('openai/embeddings.float.json'))?.usage).toEqual({ input: 8 });
    expect(read('embeddings', { usage: { total_tokens: 9 } })?.usage).toEqual({ input: 9 });
    // The better key wins, in whatever order a body has them.
    expect(read('embeddings', { usage: { total_tokens: 9, prompt_tokens: 8 } })?.usage).toEqual({ input: 8 });
  });

  test('images by token; without details the output is image tokens', () => {
    expect(read('images', body('openai/images.generate.json'))?.usage).toEqual({
      input: 343,
      imageInput: 323,
      output: 4160,
      imageOutput: 4160,
    });
    expect(read('images', lines('openai/images.stream.sse').at(-1))?.usage).toEqual({
      input: 50,
      imageInput: 40,
      output: 50,
      imageOutput: 50,
    });
  });

  test('images without usage are counted', () => {
    expect(read('images', body('openai/images.dalle3.json'))?.usage).toEqual({ images: 1 });
    expect(read('images', { data: [{}, {}, {}] })?.usage).toEqual({ images: 3 });
  });

  test("an SVG's author is billed beside", () => {
    const svg_usage = {
      model: 'gpt-6-luna',
      input_tokens: 10,
      output_tokens: 20,
      reasoning_tokens: 8,
      total_tokens: 30,
    };
    const usage = { input_tokens: 1, output_tokens: 2 };
    expect(read('images', { usage, svg_usage })?.additional).toEqual([
      { model: 'gpt-6-luna', usage: { input: 10, output: 20, reasoning: 8 } },
    ]);
  });

  test('transcription by token or second', () => {
    expect(read('transcription', body('openai/audio.transcription.tokens.json'))?.usage).toEqual({
      input: 14,
      audioInput: 14,
      output: 45,
    });
    expect(read('transcription', lines('openai/audio.transcription.stream.sse').at(-1))?.usage.audioInput).toBe(14);
    expect(read('transcription', body('openai/audio.transcription.duration.json'))?.usage).toEqual({
      inputAudioSeconds: 9,
    });
    expect(read('transcription', { duration: 8.47 })?.usage).toEqual({ inputAudioSeconds: 8.47 });
    expect(read('transcription', { usage: { input_tokens: 14, output_tokens: 4 } })?.usage.audioInput).toBe(14);
  });

  test('speech is audio output', () => {
    expect(read('speech', lines('openai/audio.speech.sse').at(-1))?.usage).toEqual({
      input: 14,
      output: 101,
      audioOutput: 101,
    });
  });

  test('realtime: details in the singular, the cache by modality', () => {
    expect(read('realtime', body('openai/realtime.response.done.json'))?.usage).toEqual({
      input: 132,
      output: 121,
      audioInput: 13,
      imageInput: 0,
      cacheRead: 64,
      audioCacheRead: 0,
      imageCacheRead: 0,
      audioOutput: 91,
    });
    expect(read('realtime', body('openai/realtime.input-transcription.completed.json'))?.usage).toEqual({
      input: 38,
      audioInput: 28,
      output: 10,
    });
  });
});

describe('batches', () => {
  test('a finished batch', () => {
    expect(read('batch', body('openai/batch.completed.json'))).toMatchObject({
      usage: { input: 3000, cacheRead: 1000, output: 800, reasoning: 300 },
      context: { batch: true },
    });
  });

  test('lines of its results say "default": the endpoint knows', () => {
    for (const line of lines('openai/batch.output.jsonl')) {
      expect(read('batch', line)).toMatchObject({
        usage: { input: 2006, cacheRead: 1920, output: 300 },
        context: { batch: true },
      });
    }
  });
});
