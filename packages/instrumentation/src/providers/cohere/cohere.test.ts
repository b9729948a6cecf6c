import { afterAll, beforeAll, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, openLab, requireFrom, untilCollected } from '../../testing/lab.ts';

type Method = (params: object, options?: object) => Promise<AsyncIterable<{ type?: string }> & { id?: string }>;

interface Client {
  readonly chat: Method;
  readonly chatStream: Method;
  readonly embed: Method;
  readonly rerank: Method;
  readonly v2?: Client;
}

const CHAT = { model: 'command-a-03-2025', messages: [{ role: 'user', content: 'Tell me about meters.' }] };
const fault = (text: string): object => ({ headers: { 'x-fake-fault': text } });
const plan = (value: object): object => ({ headers: { 'x-fake-plan': JSON.stringify(value) } });

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const CohereV2 = loadSdk<Client>('cohere-8');
const { CohereClient: CohereV1 } = requireFrom('cohere-8')('cohere-ai') as {
  CohereClient: new (options: object) => Client;
};
const make = (Class: new (options: object) => Client): Client => {
  lab.begin();
  return new Class({ token: 'test', environment: lab.provider.baseUrl('cohere'), maxRetries: 0 });
};
const open = (): Client => make(CohereV2);
const consumed = () => lab.provider.served().entries[0]?.consumed;

test('an answer is counted by what is billed, and priced by the model that was asked for', async () => {
  const answer = await open().chat(CHAT);
  const record = await lab.record();
  expect(lab.records).toHaveLength(1);
  expect(record).toMatchObject({
    operation: 'chat',
    provider: 'cohere',
    requestModel: CHAT.model,
    responseModel: undefined,
    responseId: answer.id,
    finishReasons: ['COMPLETE'],
    outcome: 'completed',
    usageSource: 'provider',
    serverPort: lab.provider.port,
  });
  expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
  expect(record.cost.status).toBe('priced');
});

test('a stream is counted by its last event', async () => {
  const events = await drain(await open().chatStream(CHAT));
  const record = await lab.record();
  expect(events.at(-1)?.type).toBe('message-end');
  expect(record).toMatchObject({ outcome: 'completed', stream: true, finishReasons: ['COMPLETE'] });
  expect(record.responseId).toBe(lab.provider.served().entries[0]?.responseId);
  expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
  expect(record.cost.status).toBe('priced');
});

test.each([
  ['of version 1', (client: Client) => client.chat({ model: CHAT.model, message: 'hello' })],
  [
    'of version 1, streamed',
    async (client: Client) => drain(await client.chatStream({ model: CHAT.model, message: 'hi' })),
  ],
  ['of version 2, by the other client', (client: Client) => client.v2?.chat(CHAT)],
])('a chat %s is one call', async (_, call) => {
  await call(make(CohereV1));
  const record = await lab.record();
  expect(lab.records).toHaveLength(1);
  expect(record).toMatchObject({ operation: 'chat', outcome: 'completed', usageSource: 'provider' });
  expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
});

test('embeddings by the token, reranking by the search', async () => {
  const client = open();
  await client.embed({
    model: 'embed-v4.0',
    texts: ['one', 'two'],
    inputType: 'search_query',
    embeddingTypes: ['float'],
  });
  await client.rerank({ model: 'rerank-v3.5', query: 'what?', documents: ['one', 'two'] });
  expect(lab.records).toMatchObject([
    { operation: 'embeddings', usage: { input: consumed()?.input }, cost: { status: 'priced' } },
    { operation: 'rerank', usage: { searchUnits: 1 } },
  ]);
});

test('the raw response is one call, and the answer is read once', async () => {
  const promise = open().chat(CHAT) as ReturnType<Method> & { withRawResponse(): Promise<{ data: { id: string } }> };
  expect(promise.constructor.name).toBe('HttpResponsePromise');
  const { data } = await promise.withRawResponse();
  expect((await promise).id).toBe(data.id);
  expect(lab.records).toHaveLength(1);
});

test('an early break is canceled and estimated', async () => {
  const stream = await open().chatStream(CHAT, plan({ chunks: 20, chunkDelayMs: 10 }));
  for await (const event of stream) if (event.type === 'content-delta') break;
  expect(await lab.record()).toMatchObject({ outcome: 'canceled', usageSource: 'estimated' });
});

test('an abort is canceled, before the answer and in it', async () => {
  const controller = new AbortController();
  const ended = open().chat(CHAT, { ...fault('hang'), abortSignal: controller.signal });
  setTimeout(() => controller.abort(), 30);
  await expect(ended).rejects.toThrow();
  expect(await lab.record()).toMatchObject({ outcome: 'canceled' });
  const other = new AbortController();
  const options = { ...plan({ chunks: 20, chunkDelayMs: 10 }), abortSignal: other.signal };
  const stream = await open().chatStream(CHAT, options);
  const reading = (async () => {
    for await (const event of stream) if (event) other.abort();
  })();
  await expect(reading).rejects.toThrow();
  expect(await lab.record()).toMatchObject({ outcome: 'canceled', errorType: undefined });
});

test('a generation that fails says so in its last event', async () => {
  await drain(await open().chatStream(CHAT, fault('error-event; after=3')));
  const record = await lab.record();
  expect(record).toMatchObject({ outcome: 'failed', errorType: 'ERROR' });
  expect(record.cost.status).toBe('usage_unknown');
});

test('a socket that dies is a failure of unknown usage', async () => {
  await expect(drain(await open().chatStream(CHAT, fault('disconnect; after=2')))).rejects.toThrow();
  const record = await lab.record();
  expect(record.outcome).toBe('failed');
  expect(record.cost.status).toBe('usage_unknown');
});

test('a stream that nobody reads is abandoned when it is collected', async () => {
  const drop = async () => void (await open().chatStream(CHAT));
  await drop();
  expect((await untilCollected(() => lab.records[0])).outcome).toBe('abandoned');
});

test.each([
  [401, 'free'],
  [429, 'free'],
  [500, 'usage_unknown'],
])('HTTP %i is a failure, and %s', async (status, cost) => {
  await expect(open().chat(CHAT, fault(String(status)))).rejects.toMatchObject({ statusCode: status });
  const record = await lab.record();
  expect(record).toMatchObject({ outcome: 'failed', errorType: String(status) });
  expect(record.cost.status).toBe(cost);
});

test('retries are one call', async () => {
  await open().chat(CHAT, { ...fault('503; first=1'), maxRetries: 1 });
  expect(await lab.record()).toMatchObject({ outcome: 'completed' });
  expect(lab.records).toHaveLength(1);
});

test('a refused call rejects with the reason and sends nothing', async () => {
  const client = open();
  const refusal = new Error('over budget');
  lab.begin({ admission: () => refusal });
  await expect(client.chat(CHAT)).rejects.toBe(refusal);
  expect(lab.provider.served().entries).toHaveLength(0);
});
