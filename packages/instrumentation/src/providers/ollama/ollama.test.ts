import { afterAll, beforeAll, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, openLab, untilCollected } from '../../testing/lab.ts';

interface Line {
  readonly message: { readonly content: string };
  readonly done: boolean;
}

type Lines = AsyncIterable<Line> & { abort(): void };

interface Client {
  chat(params: object): Promise<Line & Lines>;
  generate(params: object): Promise<Lines>;
  embed(params: object): Promise<unknown>;
  abort(): void;
}

const CHAT = { model: 'llama3.2', messages: [{ role: 'user', content: 'Tell me about meters.' }] };
const STREAM = { ...CHAT, stream: true };

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const Ollama = loadSdk<Client>('ollama-0');
const open = (headers: Record<string, string> = {}): Client => {
  lab.begin();
  return new Ollama({ host: lab.provider.baseUrl('ollama'), headers });
};
const fault = (text: string): Client => open({ 'x-fake-fault': text });
const slow = (): Client => open({ 'x-fake-plan': JSON.stringify({ chunks: 20, chunkDelayMs: 10 }) });
const consumed = () => lab.provider.served().entries[0]?.consumed;

test('an answer is counted, and free on a machine of one’s own', async () => {
  await open().chat(CHAT);
  const record = await lab.record();
  expect(record).toMatchObject({
    operation: 'chat',
    provider: 'ollama',
    requestModel: CHAT.model,
    responseModel: CHAT.model,
    finishReasons: ['stop'],
    outcome: 'completed',
    usageSource: 'provider',
    serverPort: lab.provider.port,
  });
  expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
  expect(record.cost).toMatchObject({ status: 'free', usd: 0 });
});

test('a stream is counted by its last line', async () => {
  let text = '';
  for await (const line of await open().chat(STREAM)) text += line.message.content;
  const record = await lab.record();
  expect(text).not.toBe('');
  expect(record).toMatchObject({
    outcome: 'completed',
    usageSource: 'provider',
    stream: true,
    finishReasons: ['stop'],
  });
  expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
  expect(record.timeToFirstChunk).toBeLessThanOrEqual(record.duration);
});

test('generate and embed are counted, as what they are', async () => {
  const client = open();
  for await (const line of await client.generate({ model: 'llama3.2', prompt: 'hello', stream: true }))
    expect(line).toBeTruthy();
  await client.embed({ model: 'all-minilm', input: ['one', 'two'] });
  const { entries } = lab.provider.served();
  expect(lab.records.map(({ operation, usage }) => [operation, usage?.input])).toEqual([
    ['text_completion', entries[0]?.consumed?.input],
    ['embeddings', entries[1]?.consumed?.input],
  ]);
});

test('an early break is canceled and estimated', async () => {
  for await (const line of await slow().chat(STREAM)) if (line) break;
  const record = await lab.record();
  expect(record).toMatchObject({ outcome: 'canceled', usageSource: 'estimated' });
});

test('an abort is canceled, read or not', async () => {
  const client = slow();
  await client.chat(STREAM);
  client.abort();
  expect((await lab.record()).outcome).toBe('canceled');
  const other = slow();
  const stream = await other.chat(STREAM);
  const reading = (async () => {
    for await (const line of stream) if (line) stream.abort();
  })();
  await expect(reading).rejects.toThrow();
  expect(await lab.record()).toMatchObject({ outcome: 'canceled', errorType: undefined });
});

test.each(['disconnect; after=2', 'error-event; after=2'])('%s fails, and its usage is unknown', async (text) => {
  const stream = await fault(text).chat(STREAM);
  await expect(drain(stream)).rejects.toThrow();
  const record = await lab.record();
  expect(record).toMatchObject({ outcome: 'failed', errorType: expect.any(String) });
});

test('a stream that nobody reads is abandoned when it is collected', async () => {
  const client = open();
  await client.chat(STREAM);
  // The client keeps the streams that it may have to abort.
  (client as unknown as { ongoingStreamedRequests: unknown[] }).ongoingStreamedRequests.length = 0;
  expect((await untilCollected(() => lab.records[0])).outcome).toBe('abandoned');
});

test.each([
  [404, 'free'],
  [500, 'free'],
])('HTTP %i fails with its status', async (status, cost) => {
  await expect(fault(String(status)).chat(CHAT)).rejects.toMatchObject({ status_code: status });
  const record = await lab.record();
  expect(record).toMatchObject({ outcome: 'failed', errorType: String(status) });
  expect(record.cost.status).toBe(cost);
});

test('a refused call rejects with the reason and sends nothing', async () => {
  const client = open();
  const refusal = new Error('over budget');
  lab.begin({ admission: () => refusal });
  await expect(client.chat(CHAT)).rejects.toBe(refusal);
  expect(lab.provider.served().entries).toHaveLength(0);
  expect(lab.records).toHaveLength(0);
});
