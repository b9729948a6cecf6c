import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, openLab, requireFrom, untilCollected } from '../../testing/lab.ts';

type Result = AsyncIterable<unknown> & { readonly id: string; readonly usage?: { readonly cost?: number } };
type Method = (params: object, options?: object) => Promise<Result>;
type Client = Record<'chat' | 'fim' | 'agents' | 'embeddings' | 'ocr', Record<string, Method>>;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const fault = (text: string): object => ({ headers: { 'x-fake-fault': text } });
const plan = (value: object): object => ({ headers: { 'x-fake-plan': JSON.stringify(value) } });
const RETRIES = {
  strategy: 'backoff',
  backoff: { initialInterval: 1, maxInterval: 2, exponent: 1, maxElapsedTime: 60_000 },
};

/** A method by its path, bound. */
const method = (client: Client, path: string): Method => {
  const [resource, name] = path.split('.') as [keyof Client, string];
  return (...args) => (client[resource][name] as Method)(...args);
};

const messages = [{ role: 'user', content: 'Tell me about meters.' }];

describe.each([
  [
    'mistral-2',
    'mistral',
    'mistral_ai',
    { chat: 'chat.complete', stream: 'chat.stream', embed: 'embeddings.create' },
    { chat: { model: 'mistral-large-2512', messages }, stream: { model: 'mistral-large-2512', messages } },
    { model: 'mistral-embed', inputs: ['hello there'] },
  ],
  [
    'openrouter-1',
    'openrouter',
    'openrouter',
    { chat: 'chat.send', stream: 'chat.send', embed: 'embeddings.generate' },
    {
      chat: { chatRequest: { model: 'anthropic/claude-sonnet-5', messages } },
      stream: { chatRequest: { model: 'anthropic/claude-sonnet-5', messages, stream: true } },
    },
    { requestBody: { model: 'openai/text-embedding-3-small', input: 'hello there' } },
  ],
] as const)('%s', (folder, fake, provider, paths, params, embed) => {
  const Sdk = loadSdk<Client>(folder);
  const open = (): Client => {
    lab.begin();
    return new Sdk({ apiKey: 'test', serverURL: lab.provider.baseUrl(fake) });
  };
  const chat = (options?: object) => method(open(), paths.chat)(params.chat, options);
  const stream = (options?: object) => method(open(), paths.stream)(params.stream, options);
  const consumed = () => lab.provider.served().entries[0]?.consumed;

  test('an answer becomes one record with what the provider counted', async () => {
    const answer = await chat();
    const record = await lab.record();
    expect(lab.records).toHaveLength(1);
    expect(record).toMatchObject({
      operation: 'chat',
      provider,
      responseId: answer.id,
      finishReasons: ['stop'],
      outcome: 'completed',
      usageSource: 'provider',
      attempts: 1,
      serverAddress: '127.0.0.1',
    });
    expect(record.requestModel).toBe(record.responseModel);
    expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
    expect(record.cost.status).toBe('priced');
  });

  test('a stream is counted by the usage that ends it', async () => {
    const events = await drain(await stream());
    const record = await lab.record();
    expect(events.length).toBeGreaterThan(3);
    expect(record).toMatchObject({
      outcome: 'completed',
      usageSource: 'provider',
      stream: true,
      finishReasons: ['stop'],
    });
    expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
    expect(record.cost.status).toBe('priced');
  });

  test('an early break is canceled and estimated', async () => {
    for await (const event of await stream(plan({ chunks: 20, chunkDelayMs: 10 }))) if (event) break;
    expect(await lab.record()).toMatchObject({ outcome: 'canceled', usageSource: 'estimated' });
  });

  test('an abort of the signal is canceled', async () => {
    const controller = new AbortController();
    const options = { ...plan({ chunks: 20, chunkDelayMs: 10 }), signal: controller.signal };
    const reading = (async () => {
      for await (const event of await stream(options)) if (event) controller.abort();
    })();
    await expect(reading).rejects.toThrow();
    expect(await lab.record()).toMatchObject({ outcome: 'canceled', errorType: undefined });
  });

  test('an abort before the answer is canceled', async () => {
    const ended = chat({ ...fault('hang'), signal: AbortSignal.timeout(30), retries: { strategy: 'none' } });
    await expect(ended).rejects.toThrow();
    // A time-out is a failure, also one of the app's making.
    expect(await lab.record()).toMatchObject({ outcome: 'failed' });
    const controller = new AbortController();
    const aborted = chat({ ...fault('hang'), signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(aborted).rejects.toThrow();
    expect(await lab.record()).toMatchObject({ outcome: 'canceled' });
  });

  test.each(['disconnect; after=2', 'error-event; after=2'])('%s is a failure of unknown usage', async (text) => {
    await expect(drain(await stream(fault(text)))).rejects.toThrow();
    const record = await lab.record();
    expect(record).toMatchObject({ outcome: 'failed', errorType: expect.any(String) });
    expect(record.cost.status).toBe('usage_unknown');
  });

  test('a stream that nobody reads is abandoned when it is collected', async () => {
    const open = async () => void (await stream());
    await open();
    expect((await untilCollected(() => lab.records[0])).outcome).toBe('abandoned');
  });

  test.each([
    [401, 'free'],
    [500, 'usage_unknown'],
  ])('HTTP %i is a failure, and %s', async (status, cost) => {
    await expect(chat({ ...fault(String(status)), retries: { strategy: 'none' } })).rejects.toMatchObject({
      statusCode: status,
    });
    const record = await lab.record();
    expect(record).toMatchObject({ outcome: 'failed', errorType: String(status), attempts: 1 });
    expect(record.cost.status).toBe(cost);
  });

  test('retries are attempts of one call', async () => {
    lab.begin();
    const client = open();
    lab.provider.next({ fault: '503', attempts: 2 });
    await method(client, paths.chat)(params.chat, { retries: RETRIES, retryCodes: ['5XX'] });
    expect(await lab.record()).toMatchObject({ outcome: 'completed', attempts: 3 });
    expect(lab.records).toHaveLength(1);
  });

  test('embeddings are counted', async () => {
    await method(open(), paths.embed)(embed);
    const record = await lab.record();
    expect(record).toMatchObject({ operation: 'embeddings', provider, outcome: 'completed' });
    expect(record.usage?.input).toBe(consumed()?.input);
  });

  test('a refused call rejects with the reason and sends nothing', async () => {
    const client = open();
    const refusal = new Error('over budget');
    lab.begin({ admission: () => refusal });
    await expect(method(client, paths.chat)(params.chat)).rejects.toBe(refusal);
    expect(lab.provider.served().entries).toHaveLength(0);
    expect(lab.records).toHaveLength(0);
  });
});

describe('OpenRouter', () => {
  const OpenRouter = loadSdk<Client>('openrouter-1');
  const chatRequest = { model: 'anthropic/claude-sonnet-5', messages };
  const send = (more: object = {}) => {
    lab.begin();
    const client = new OpenRouter({ apiKey: 'test', serverURL: lab.provider.baseUrl('openrouter') });
    return method(client, 'chat.send')({ chatRequest: { ...chatRequest, ...more } });
  };
  const charged = () => {
    const { input = 0, output = 0 } = lab.provider.served().entries[0]?.consumed ?? {};
    return input * 1e-6 + output * 2e-6;
  };

  test('what it charged is the cost, streamed too', async () => {
    await send();
    expect((await lab.record()).cost).toMatchObject({ status: 'priced', source: 'provider' });
    expect(lab.records[0]?.cost.usd).toBeCloseTo(charged(), 12);
    await drain(await send({ stream: true }));
    expect((await lab.record()).cost).toMatchObject({ status: 'priced', source: 'provider' });
    expect(lab.records[0]?.cost.usd).toBeCloseTo(charged(), 12);
  });
});

describe('Mistral', () => {
  const responseFormat = requireFrom('mistral-2')('zod').object({});
  const Mistral = loadSdk<Client>('mistral-2');
  const open = (): Client => {
    lab.begin();
    return new Mistral({ apiKey: 'test', serverURL: lab.provider.baseUrl('mistral') });
  };

  test.each([
    ['fim.complete', 'text_completion', { model: 'codestral-2508', prompt: 'def f(', suffix: 'return' }],
    ['agents.complete', 'chat', { agentId: 'ag_1', messages }],
    ['chat.parse', 'chat', { model: 'mistral-large-2512', messages, responseFormat }],
  ] as const)('%s is one call', async (path, operation, params) => {
    const client = open();
    lab.provider.next({ text: '{}' });
    await method(client, path)(params);
    const { consumed } = lab.provider.served().entries[0] ?? {};
    expect(lab.records).toHaveLength(1);
    expect(lab.records[0]).toMatchObject({ operation, outcome: 'completed', responseModel: expect.any(String) });
    expect(lab.records[0]?.usage).toMatchObject({ input: consumed?.input, output: consumed?.output });
  });

  test.each(['fim.stream', 'chat.parseStream'])('%s is one call', async (path) => {
    await drain(await method(open(), path)({ model: 'codestral-2508', prompt: 'def f(', messages, responseFormat }));
    expect(lab.records).toMatchObject([{ outcome: 'completed', stream: true, usageSource: 'provider' }]);
  });

  test('documents are counted by the page', async () => {
    await method(
      open(),
      'ocr.process',
    )({
      model: 'mistral-ocr-2512',
      document: { type: 'document_url', documentUrl: 'http://a.test/a.pdf' },
    });
    expect(lab.records).toMatchObject([{ outcome: 'completed', usage: { pages: 3 } }]);
  });
});
