import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, OPENAI_MAJORS, openLab, until, untilCollected } from '../../testing/lab.ts';

interface Chunk {
  readonly choices: readonly unknown[];
  readonly usage?: unknown;
}

type ChunkStream = AsyncIterable<Chunk> & { readonly controller: AbortController };

interface Promised<T> extends Promise<T> {
  asResponse(): Promise<Response>;
  withResponse(): Promise<{ data: T; response: Response }>;
}

interface Client {
  readonly chat: {
    readonly completions: {
      create(
        params: object,
        options?: object,
      ): Promised<{ id: string; usage: { prompt_tokens: number } } & ChunkStream>;
      parse?(params: object, options?: object): Promise<unknown>;
    };
  };
  readonly responses: { create(params: object, options?: object): Promised<{ id: string } & AsyncIterable<unknown>> };
  readonly embeddings: { create(params: object): Promised<unknown> };
  readonly completions: { create(params: object): Promised<unknown> };
}

const CHAT = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Tell me about meters.' }] };
const STREAM = { ...CHAT, stream: true };
const fault = (text: string): object => ({ headers: { 'x-fake-fault': text } });
const plan = (value: object): object => ({ headers: { 'x-fake-plan': JSON.stringify(value) } });

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe.each(OPENAI_MAJORS)('%s', (folder) => {
  const OpenAI = loadSdk<Client>(folder);
  const open = (options: object = {}): Client => {
    lab.begin();
    return new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl, maxRetries: 0, ...options });
  };
  const served = () => lab.provider.served().entries;

  test('an answer becomes one record with what the provider counted', async () => {
    await open().chat.completions.create(CHAT);
    const record = await lab.record();
    const [entry] = served();
    expect(lab.records).toHaveLength(1);
    expect(record).toMatchObject({
      operation: 'chat',
      provider: 'openai',
      requestModel: CHAT.model,
      responseModel: entry?.responseModel,
      responseId: entry?.responseId,
      outcome: 'completed',
      usageSource: 'provider',
      attempts: 1,
      serverAddress: '127.0.0.1',
      serverPort: lab.provider.port,
    });
    expect(record.usage).toMatchObject({ input: entry?.consumed?.input, output: entry?.consumed?.output });
    expect(record.cost.status).toBe('priced');
    expect(record.cost.pico).toBeGreaterThan(0n);
  });

  test.each([
    ['responses', (client: Client) => client.responses.create({ model: 'gpt-4o-mini', input: 'hello' })],
    ['embeddings', (client: Client) => client.embeddings.create({ model: 'text-embedding-3-small', input: 'hello' })],
    [
      'completions',
      (client: Client) => client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'hello' }),
    ],
  ])('%s are counted as the provider counts them', async (_, run) => {
    await run(open());
    const record = await lab.record();
    const [entry] = served();
    expect(record.usage?.input).toBe(entry?.consumed?.input);
    expect(record).toMatchObject({ outcome: 'completed', usageSource: 'provider' });
  });

  test('a chat stream that did not ask for usage is counted, and the app sees no chunk of ours', async () => {
    const params = Object.freeze({ ...STREAM });
    const chunks = await drain(await open().chat.completions.create(params));
    const record = await lab.record();
    const [entry] = served();
    expect(chunks.every((chunk) => chunk.choices.length > 0)).toBe(true);
    expect(record).toMatchObject({ outcome: 'completed', usageSource: 'provider', stream: true });
    expect(record.usage).toMatchObject({ input: entry?.consumed?.input, output: entry?.consumed?.output });
    expect(record.timeToFirstChunk).toBeLessThanOrEqual(record.duration);
    expect(params).toEqual(STREAM);
  });

  test('the SDK works with the very parameters of the app: its helpers know them by identity', async () => {
    const seen: unknown[] = [];
    const client = open({
      fetch: (url: string, init: RequestInit) => {
        const length = new Headers(init.headers).get('content-length');
        if (length !== null) expect(Number(length)).toBe(Buffer.byteLength(String(init.body)));
        return fetch(url, init);
      },
    });
    Object.assign(client, { prepareOptions: async ({ body }: { body?: unknown }) => void seen.push(body) });
    const params = { ...STREAM, stream_options: { include_obfuscation: false } };
    await drain(await client.chat.completions.create(params));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(params);
    expect(served()[0]?.body).toEqual({
      ...STREAM,
      stream_options: { include_obfuscation: false, include_usage: true },
    });
    expect((await lab.record()).usageSource).toBe('provider');
  });

  test('a chat stream that asked for usage sees its own usage chunk', async () => {
    const asking = { ...STREAM, stream_options: { include_usage: true } };
    const chunks = await drain(await open().chat.completions.create(asking));
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage).toBeTruthy();
    expect((await lab.record()).usageSource).toBe('provider');
  });

  test('an app that declined usage is left alone, and the usage is an estimate', async () => {
    await drain(await open().chat.completions.create({ ...STREAM, stream_options: { include_usage: false } }));
    const record = await lab.record();
    expect(served()[0]?.body).toMatchObject({ stream_options: { include_usage: false } });
    expect(record).toMatchObject({ outcome: 'completed', usageSource: 'estimated' });
    expect(record.cost.status).toBe('estimated');
  });

  test('a switch leaves every request as the app wrote it', async () => {
    const client = open();
    lab.begin({ includeStreamUsage: false });
    await drain(await client.chat.completions.create(STREAM));
    await lab.record();
    expect(served()[0]?.body).not.toHaveProperty('stream_options');
  });

  test('a host that refuses stream_options is served as the app wrote it, and not asked again', async () => {
    const client = open({ baseURL: lab.provider.openaiBaseUrl.replace('127.0.0.1', 'localhost') });
    const first = await drain(await client.chat.completions.create(STREAM, fault('reject-stream-options')));
    const second = await drain(await client.chat.completions.create(STREAM, fault('reject-stream-options')));
    expect(first.length).toBeGreaterThan(0);
    expect(second.length).toBeGreaterThan(0);
    await until(() => lab.records[1]);
    expect(lab.records.map((record) => record.outcome)).toEqual(['completed', 'completed']);
    // The host is remembered for the process: only the first major that meets it makes three requests.
    expect(served().at(-1)?.body).not.toHaveProperty('stream_options');
    expect(served().filter((entry) => entry.status === 200)).toHaveLength(2);
  });

  test('an early break is canceled, estimated, and nothing is read ahead', async () => {
    const stream = await open().chat.completions.create(STREAM, plan({ chunks: 20, chunkDelayMs: 50 }));
    for await (const chunk of stream) if (chunk) break;
    const record = await lab.record();
    await lab.provider.idle();
    expect(record).toMatchObject({ outcome: 'canceled', usageSource: 'estimated', errorType: undefined });
    expect(record.cost.status).toBe('estimated');
    const { sent, total } = served()[0]?.chunks ?? { sent: 0, total: 0 };
    expect(sent).toBeLessThan(total);
  });

  test('an abort by the app is canceled, also where the iterator ends quietly', async () => {
    const stream = await open().chat.completions.create(STREAM, plan({ chunks: 20, chunkDelayMs: 10 }));
    await drainUntilAborted(stream);
    expect(await lab.record()).toMatchObject({ outcome: 'canceled', errorType: undefined });
  });

  test('an abort before anybody reads the stream is canceled', async () => {
    const stream = await open().chat.completions.create(STREAM, plan({ chunkDelayMs: 50 }));
    stream.controller.abort();
    expect(await lab.record()).toMatchObject({ outcome: 'canceled' });
  });

  test.each([
    ['a socket that dies', 'disconnect; after=2'],
    ['an error event', 'error-event; after=2'],
  ])('%s in a stream is a failure of unknown usage, and the app gets the error', async (_, text) => {
    const stream = await open().chat.completions.create(STREAM, fault(text));
    await expect(drain(stream)).rejects.toThrow();
    const record = await lab.record();
    expect(record.outcome).toBe('failed');
    expect(record.errorType).toBeTruthy();
    expect(record.cost).toMatchObject({ status: 'usage_unknown' });
    expect(record.cost.usd).toBeUndefined();
  });

  test('a stream that nobody reads is abandoned when it is collected', async () => {
    let stream: unknown = await open().chat.completions.create(STREAM);
    expect(stream).toBeTruthy();
    stream = undefined;
    const record = await untilCollected(() => lab.records[0]);
    expect(record.outcome).toBe('abandoned');
    expect(record.cost.status).toBe('usage_unknown');
  });

  test.each([
    [401, 'free'],
    [429, 'free'],
    [500, 'usage_unknown'],
    [503, 'free'],
  ])('HTTP %i fails, and is %s', async (status, costStatus) => {
    await expect(open().chat.completions.create(CHAT, fault(String(status)))).rejects.toMatchObject({ status });
    const record = await lab.record();
    expect(record).toMatchObject({ outcome: 'failed', errorType: String(status), attempts: 1 });
    expect(record.cost.status).toBe(costStatus);
  });

  test('an abort between a refusal and the retry cost nothing', async () => {
    const stop = new AbortController();
    const options = { ...fault('429; retry-after=0.2'), signal: stop.signal };
    const pending = open({ maxRetries: 2 }).chat.completions.create(CHAT, options);
    setTimeout(() => stop.abort(), 60);
    await expect(pending).rejects.toThrow('aborted');
    expect(await lab.record()).toMatchObject({ outcome: 'canceled', attempts: 1, cost: { status: 'free' } });
  });

  test('retries are attempts of one call', async () => {
    const client = open({ maxRetries: 2 });
    await client.chat.completions.create(CHAT, fault('429; retry-after=0.01; first=2'));
    const record = await lab.record();
    expect(lab.records).toHaveLength(1);
    expect(record).toMatchObject({ outcome: 'completed', attempts: 3 });
    expect(lab.provider.served().totals.attempts).toBe(3);
  });

  test('a response that failed without an error is a failure with its own code', async () => {
    const stream = await open().responses.create(
      { model: 'gpt-4o-mini', input: 'hello', stream: true },
      plan({ finish: 'failed' }),
    );
    for await (const event of stream) expect(event).toBeTruthy();
    expect(await lab.record()).toMatchObject({ outcome: 'failed' });
  });

  test('only the raw response was taken: the call ends with its status, and its usage is unknown', async () => {
    const response = await open().chat.completions.create(CHAT).asResponse();
    expect(await response.json()).toHaveProperty('id');
    const record = await lab.record();
    expect(record).toMatchObject({ outcome: 'completed', usageSource: 'none' });
    expect(record.cost.status).toBe('usage_unknown');
    expect(record.duration).toBeLessThan(1000);
  });

  test('a refused call rejects with the reason, sends nothing, and is no call', async () => {
    const client = open({ maxRetries: 2 });
    const refusal = new Error('over budget');
    lab.begin({ admission: () => refusal });
    await expect(client.chat.completions.create(CHAT)).rejects.toBe(refusal);
    expect(served()).toHaveLength(0);
    expect(lab.records).toHaveLength(0);
  });

  test('an admission that throws allows the call', async () => {
    const client = open();
    lab.begin({
      admission: () => {
        throw new Error('broken');
      },
    });
    await client.chat.completions.create(CHAT);
    expect((await lab.record()).outcome).toBe('completed');
  });

  test.each(['text', 'negative', 'huge', 'null'])('usage with %s numbers never becomes a price of zero', async (as) => {
    await open().chat.completions.create(CHAT, fault(`bad-usage; as=${as}`));
    const record = await lab.record();
    expect(['usage_unknown', 'estimated']).toContain(record.cost.status);
    expect(record.cost.usd).not.toBe(0);
  });

  test('an answer that a helper cannot parse has been paid for all the same', async () => {
    const client = open();
    if (!client.chat.completions.parse) return;
    const tool = { type: 'function', function: { name: 't', strict: true, parameters: { type: 'object' } } };
    const params = { ...CHAT, tools: [tool], tool_choice: 'none' };
    await expect(client.chat.completions.parse(params, plan({ finish: 'length' }))).rejects.toThrow();
    expect(await lab.record()).toMatchObject({ outcome: 'completed', usageSource: 'provider' });
  });
});

async function drainUntilAborted(stream: ChunkStream): Promise<void> {
  for await (const chunk of stream) if (chunk) stream.controller.abort();
}
