import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, loadSdk, openLab } from '../../testing/lab.ts';

interface Completions {
  create(params: object, options?: object): Promise<{ id: string } & AsyncIterable<{ choices: readonly unknown[] }>>;
  stream?(params: object, options?: object): { finalChatCompletion(): Promise<unknown> };
}

interface Client {
  readonly chat: { readonly completions: Completions };
  readonly completions: { create(params: object): Promise<unknown> };
  readonly embeddings: { create(params: object): Promise<unknown> };
}

const fault = (text: string): object => ({ headers: { 'x-fake-fault': text } });
const plan = (value: object): object => ({ headers: { 'x-fake-plan': JSON.stringify(value) } });

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe.each([
  ['groq-0', 'groq', 'groq', 'llama-3.3-70b-versatile'],
  ['groq-1', 'groq', 'groq', 'llama-3.3-70b-versatile'],
  ['together-0', 'together', 'together_ai', 'meta-llama/Llama-3.3-70B-Instruct-Turbo'],
] as const)('%s', (folder, fake, provider, model) => {
  const Sdk = loadSdk<Client>(folder);
  const open = (options: object = {}): Client => {
    lab.begin();
    return new Sdk({ apiKey: 'test', baseURL: lab.provider.baseUrl(fake), maxRetries: 0, ...options });
  };
  const chat = { model, messages: [{ role: 'user', content: 'Tell me about meters.' }] };
  const served = () => lab.provider.served().entries;

  test('an answer becomes one record with what the provider counted', async () => {
    const answer = await open().chat.completions.create(chat);
    const record = await lab.record();
    const [entry] = served();
    expect(lab.records).toHaveLength(1);
    expect(record).toMatchObject({
      operation: 'chat',
      provider,
      requestModel: model,
      responseModel: model,
      responseId: answer.id,
      outcome: 'completed',
      usageSource: 'provider',
      attempts: 1,
    });
    expect(record.usage).toMatchObject({ input: entry?.consumed?.input, output: entry?.consumed?.output });
    expect(record.cost.status).toBe('priced');
  });

  test('a stream is counted once, from the usage that comes unasked, and its request is as the app wrote it', async () => {
    const params = { ...chat, stream: true };
    const stream = await open().chat.completions.create(params);
    let chunks = 0;
    for await (const chunk of stream) chunks += chunk.choices.length;
    const record = await lab.record();
    const [entry] = served();
    expect(entry?.body).toEqual(params);
    expect(entry?.chunks.total).toBe(chunks + 1);
    expect(record).toMatchObject({ outcome: 'completed', usageSource: 'provider', stream: true });
    expect(record.usage).toMatchObject({ input: entry?.consumed?.input, output: entry?.consumed?.output });
    expect(record.cost.status).toBe('priced');
  });

  test('an early break is canceled and estimated', async () => {
    const params = { ...chat, stream: true };
    const stream = await open().chat.completions.create(params, plan({ chunks: 20, chunkDelayMs: 10 }));
    for await (const chunk of stream) if (chunk) break;
    expect(await lab.record()).toMatchObject({ outcome: 'canceled', usageSource: 'estimated' });
  });

  test('the stream helper, where there is one, is one call', async () => {
    const { completions } = open().chat;
    if (!completions.stream) return;
    await completions.stream(chat).finalChatCompletion();
    await lab.record();
    expect(lab.records).toHaveLength(1);
    expect(lab.records[0]).toMatchObject({ outcome: 'completed', usageSource: 'provider' });
  });

  test('embeddings are counted', async () => {
    await open().embeddings.create({ model: 'some-embedding', input: 'hello there' });
    const record = await lab.record();
    expect(record).toMatchObject({ operation: 'embeddings', provider, outcome: 'completed' });
    expect(record.usage?.input).toBe(served()[0]?.consumed?.input);
  });

  test('retries are attempts of one call', async () => {
    await open({ maxRetries: 2 }).chat.completions.create(chat, fault('429; retry-after=0.01; first=2'));
    expect(await lab.record()).toMatchObject({ outcome: 'completed', attempts: 3 });
    expect(lab.records).toHaveLength(1);
  });

  test('a refusal is a failed call that cost nothing', async () => {
    await expect(open().chat.completions.create(chat, fault('401'))).rejects.toMatchObject({ status: 401 });
    const record = await lab.record();
    expect(record).toMatchObject({ outcome: 'failed', errorType: '401' });
    expect(record.cost.status).toBe('free');
  });
});

test('legacy completions are counted, streamed too', async () => {
  const Together = loadSdk<Client>('together-0');
  lab.begin();
  const client = new Together({ apiKey: 'test', baseURL: lab.provider.baseUrl('together') });
  const params = { model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo', prompt: 'hello' };
  await client.completions.create(params);
  for await (const chunk of (await client.completions.create({ ...params, stream: true })) as AsyncIterable<unknown>)
    expect(chunk).toBeTruthy();
  expect(lab.records.map(({ operation, usage }) => [operation, usage?.input])).toEqual(
    lab.provider.served().entries.map(({ consumed }) => ['text_completion', consumed?.input]),
  );
});
