import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, loadSdk, openLab } from '../../testing/lab.ts';

interface Answer {
  text(): string;
  readonly usageMetadata?: object;
}

interface Streamed {
  readonly stream: AsyncGenerator<Answer>;
  readonly response: Promise<Answer>;
}

interface Model {
  generateContent(request: unknown, options?: object): Promise<{ response: Answer }>;
  generateContentStream(request: unknown, options?: object): Promise<Streamed>;
  embedContent(request: unknown): Promise<{ embedding: object }>;
  batchEmbedContents(request: unknown): Promise<{ embeddings: object[] }>;
  countTokens(request: unknown): Promise<object>;
  startChat(): {
    sendMessage(request: unknown): Promise<{ response: Answer }>;
    sendMessageStream(request: unknown, options?: object): Promise<Streamed>;
  };
}

interface Client {
  getGenerativeModel(params: object, options?: object): Model;
}

const MODEL = 'gemini-2.5-flash';

let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe('google-generative-ai-0', () => {
  const GoogleGenerativeAI = loadSdk<Client, string>('google-generative-ai-0');
  const open = (plan: object = {}, params: object = {}): Model => {
    lab.begin();
    return new GoogleGenerativeAI('test').getGenerativeModel(
      { model: MODEL, ...params },
      { baseUrl: lab.provider.geminiBaseUrl, customHeaders: { 'x-fake-plan': JSON.stringify(plan) } },
    );
  };

  test('an answer is one record; its output has the thoughts', async () => {
    const model = open(
      { usage: { input: 100, output: 80, reasoning: 30 } },
      { generationConfig: { temperature: 0.5, maxOutputTokens: 200 } },
    );
    const { response } = await model.generateContent('Hello meter.');
    const record = await lab.record();
    expect(response.text()).not.toBe('');
    expect(lab.records).toHaveLength(1);
    expect(record).toMatchObject({
      provider: 'gcp.gemini',
      operation: 'generate_content',
      requestModel: MODEL,
      responseModel: MODEL,
      finishReasons: ['STOP'],
      serverAddress: '127.0.0.1',
      usage: { input: 100, output: 80, reasoning: 30 },
      cost: { status: 'priced' },
    });
    expect(record.attributes).toMatchObject({ 'gen_ai.request.temperature': 0.5, 'gen_ai.request.max_tokens': 200 });
  });

  test.each(['takes the chunks', 'takes the whole', 'takes nothing'])(
    'a stream ends with its last chunk, whether the app %s',
    async (way) => {
      const { stream, response } = await open({ chunks: 5 }).generateContentStream('Hello meter.');
      if (way === 'takes the chunks') for await (const _ of stream);
      if (way === 'takes the whole') await response;
      const record = await lab.record();
      const { input, output } = lab.provider.served().entries[0]?.consumed ?? {};
      expect(record).toMatchObject({ outcome: 'completed', stream: true, usageSource: 'provider' });
      expect(record.usage).toMatchObject({ input, output });
      expect(lab.records).toHaveLength(1);
    },
  );

  test('an early break stops nothing, so nothing is estimated', async () => {
    const { stream } = await open({ chunks: 5, chunkDelayMs: 5 }).generateContentStream('Hello meter.');
    for await (const _ of stream) break;
    expect(await lab.record()).toMatchObject({ outcome: 'completed', usageSource: 'provider' });
  });

  test('chats are calls', async () => {
    const chat = open().startChat();
    await chat.sendMessage('one');
    await (await chat.sendMessageStream('two')).response;
    expect(lab.records.map(({ requestModel, stream, usage }) => [requestModel, stream, usage?.input])).toEqual([
      [MODEL, false, lab.provider.served().entries[0]?.consumed?.input],
      [MODEL, true, lab.provider.served().entries[1]?.consumed?.input],
    ]);
  });

  test('embeddings carry the tokens that the provider counted', async () => {
    const model = open({}, { model: 'gemini-embedding-001' });
    await model.embedContent('1234');
    const content = (text: string) => ({ content: { role: 'user', parts: [{ text }] } });
    await model.batchEmbedContents({ requests: [content('12345678'), content('1234')] });
    expect(lab.records.map(({ operation, usage }) => [operation, usage?.input])).toEqual([
      ['embeddings', 1],
      ['embeddings', 3],
    ]);
  });

  test('counting tokens is no call', async () => {
    await open().countTokens('Hello meter.');
    expect(lab.records).toEqual([]);
  });

  test('a refusal costs nothing, an abort is no error, and a time-out is one', async () => {
    const model = open({ latencyMs: 300 });
    const headers = { customHeaders: { 'x-fake-fault': '429' } };
    await expect(model.generateContent('Hello.', headers)).rejects.toMatchObject({ status: 429 });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await expect(model.generateContent('Hello.', { signal: controller.signal })).rejects.toThrow('aborted');
    await expect(model.generateContent('Hello.', { timeout: 20 })).rejects.toThrow('aborted');
    expect(lab.records.map(({ outcome, errorType, cost }) => [outcome, errorType, cost.status])).toEqual([
      ['failed', '429', 'free'],
      ['canceled', undefined, 'usage_unknown'],
      ['failed', 'timeout', 'usage_unknown'],
    ]);
  });

  test('a budget that refuses a call rejects it before it is sent', async () => {
    const model = open();
    const refusal = new Error('over budget');
    lab.begin({ admission: () => refusal });
    await expect(model.generateContent('Hello.')).rejects.toBe(refusal);
    expect(lab.records).toEqual([]);
    expect(lab.provider.served().entries).toEqual([]);
  });
});
