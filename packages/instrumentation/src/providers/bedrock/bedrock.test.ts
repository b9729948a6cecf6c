import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, openLab, requireFrom, until, untilCollected } from '../../testing/lab.ts';

interface Output {
  readonly stream?: AsyncIterable<Record<string, unknown>>;
  readonly body?: Uint8Array & AsyncIterable<Record<string, unknown>>;
}

interface Client {
  send(command: object, options?: object): Promise<Output>;
  send(command: object, callback: (error: unknown, output?: Output) => void): void;
}

type Commands = Record<
  'ConverseCommand' | 'ConverseStreamCommand' | 'InvokeModelCommand' | 'InvokeModelWithResponseStreamCommand',
  new (
    input: object,
  ) => object
>;

const Bedrock = loadSdk<Client>('bedrock-3');
const sdk = requireFrom('bedrock-3')('@aws-sdk/client-bedrock-runtime') as Commands;
const { NodeHttpHandler } = requireFrom('bedrock-3')('@smithy/node-http-handler') as {
  NodeHttpHandler: new () => object;
};

const exporter = new InMemorySpanExporter();
let lab: Lab;
beforeAll(async () => {
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  lab = await openLab();
});
afterAll(async () => {
  trace.disable();
  await lab.close();
});

const open = (options: object = {}): Client => {
  lab.begin();
  exporter.reset();
  return new Bedrock({
    region: 'eu-central-1',
    endpoint: lab.provider.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
    ...options,
  });
};
async function* nothing(): AsyncGenerator<Record<string, unknown>> {}

const consumed = () => lab.provider.served().entries[0]?.consumed;

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const converse = {
  modelId: CLAUDE,
  messages: [{ role: 'user', content: [{ text: 'Tell me about meters.' }] }],
  inferenceConfig: { maxTokens: 200, temperature: 0.5 },
};
const ask = () => new sdk.ConverseCommand(converse);
const stream = () => new sdk.ConverseStreamCommand(converse);

test('Converse is one record with what the provider counted', async () => {
  await open().send(ask());
  const record = await lab.record();
  expect(lab.records).toHaveLength(1);
  expect(record).toMatchObject({
    operation: 'chat',
    provider: 'aws.bedrock',
    requestModel: CLAUDE,
    finishReasons: ['end_turn'],
    outcome: 'completed',
    usageSource: 'provider',
    attempts: 1,
    serverAddress: '127.0.0.1',
    serverPort: lab.provider.port,
    attributes: { 'gen_ai.request.max_tokens': 200, 'gen_ai.request.temperature': 0.5 },
  });
  expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
  expect(record.cost.status).toBe('priced');
});

test('where the request went is known only when it is sent: the span says it, too', async () => {
  await open().send(ask());
  await lab.record();
  const [span] = exporter.getFinishedSpans().filter(({ name }) => name === `chat ${CLAUDE}`);
  expect(span?.attributes).toMatchObject({ 'server.address': '127.0.0.1', 'server.port': lab.provider.port });
});

test('the host is where the request really went', async () => {
  await open({
    endpoint: async () => ({ protocol: 'http:', hostname: '127.0.0.1', port: lab.provider.port, path: '/' }),
  }).send(ask());
  expect(await lab.record()).toMatchObject({ serverAddress: '127.0.0.1', serverPort: lab.provider.port });
});

test('ConverseStream is counted by its last event', async () => {
  const output = await open().send(stream());
  const events = await drain(output.stream ?? nothing());
  const record = await lab.record();
  expect(events.at(-1)).toHaveProperty('metadata');
  expect(record).toMatchObject({ outcome: 'completed', stream: true, finishReasons: ['end_turn'] });
  expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
  expect(record.timeToFirstChunk).toBeLessThanOrEqual(record.duration);
  expect(record.cost.status).toBe('priced');
});

/** The makers' own bodies. */
const MAKERS: readonly (readonly [model: string, body: object])[] = [
  [
    CLAUDE,
    { anthropic_version: 'bedrock-2023-05-31', max_tokens: 200, messages: [{ role: 'user', content: 'hello' }] },
  ],
  ['amazon.nova-lite-v1:0', { messages: [{ role: 'user', content: [{ text: 'hello' }] }] }],
  ['amazon.titan-text-express-v1', { inputText: 'hello there' }],
  ['meta.llama3-3-70b-instruct-v1:0', { prompt: 'hello there', max_gen_len: 100 }],
  ['mistral.mistral-large-2407-v1:0', { messages: [{ role: 'user', content: 'hello' }] }],
  ['deepseek.r1-v1:0', { messages: [{ role: 'user', content: 'hello' }] }],
  ['cohere.command-r-v1:0', { message: 'hello' }],
];

describe.each(MAKERS)('InvokeModel of %s', (modelId, body) => {
  const input = { modelId, body: JSON.stringify(body), contentType: 'application/json' };

  test('is counted, and the app gets its bytes', async () => {
    const output = await open().send(new sdk.InvokeModelCommand(input));
    const record = await lab.record();
    expect(JSON.parse(Buffer.from(output.body ?? []).toString())).toBeTypeOf('object');
    expect(record).toMatchObject({ operation: 'chat', outcome: 'completed', requestModel: modelId });
    expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
  });

  test('streamed is counted once', async () => {
    const output = await open().send(new sdk.InvokeModelWithResponseStreamCommand(input));
    const chunks = await drain<unknown>(output.body ?? nothing());
    const record = await lab.record();
    expect(chunks.length).toBeGreaterThan(2);
    expect(record).toMatchObject({ outcome: 'completed', stream: true, usageSource: 'provider' });
    expect(record.finishReasons).toHaveLength(1);
    expect(record.usage).toMatchObject({ input: consumed()?.input, output: consumed()?.output });
  });
});

test('the body of Anthropic tells what was written to which cache', async () => {
  const body = {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 20,
    messages: [{ role: 'user', content: 'hello' }],
  };
  const client = open();
  const usage = { input: 3000, output: 10, cacheRead: 1000, cacheWrite5m: 500, cacheWrite1h: 250 };
  lab.provider.next({ usage }, { usage });
  const input = { modelId: CLAUDE, body: JSON.stringify(body) };
  await client.send(new sdk.InvokeModelCommand(input));
  const output = await client.send(new sdk.InvokeModelWithResponseStreamCommand(input));
  await drain<unknown>(output.body ?? nothing());
  await until(() => lab.records[1]);
  for (const record of lab.records) expect(record.usage).toMatchObject(usage);
});

test('embeddings are counted, by the model alone', async () => {
  const input = { modelId: 'amazon.titan-embed-text-v2:0', body: JSON.stringify({ inputText: 'hello there' }) };
  await open().send(new sdk.InvokeModelCommand(input));
  const record = await lab.record();
  expect(record).toMatchObject({ operation: 'embeddings', usage: { input: consumed()?.input } });
  expect(record.cost.status).toBe('priced');
});

test('a callback gets the answer, and the call is counted', async () => {
  const client = open();
  const output = await new Promise((resolve, reject) => {
    const callback = (error: unknown, value?: Output): void => (error ? reject(error) : resolve(value));
    expect(client.send(ask(), callback)).toBeUndefined();
  });
  expect(output).toHaveProperty('usage');
  expect(await lab.record()).toMatchObject({ outcome: 'completed', usageSource: 'provider' });
});

test('other commands and other clients are left alone', async () => {
  const { CountTokensCommand } = sdk as unknown as Record<string, new (input: object) => object>;
  await expect(
    open().send(new (CountTokensCommand as Commands['ConverseCommand'])({ modelId: CLAUDE })),
  ).rejects.toThrow();
  expect(lab.records).toHaveLength(0);
});

const headed = (client: Client, name: string, value: string): Client => {
  const { middlewareStack } = client as unknown as { middlewareStack: { add(step: unknown, options: object): void } };
  type Args = { request: { headers: Record<string, string> } };
  const step = (next: (args: Args) => unknown) => (args: Args) => {
    args.request.headers[name] = value;
    return next(args);
  };
  middlewareStack.add(step, { step: 'build' });
  return client;
};
const faulty = (text: string, options?: object): Client => headed(open(options), 'x-fake-fault', text);
const slow = (): Client => headed(open(), 'x-fake-plan', JSON.stringify({ chunks: 20, chunkDelayMs: 10 }));

test.each(MAKERS.slice(1))('a stream of %s that is left is estimated by what came of it', async (modelId, body) => {
  const input = { modelId, body: JSON.stringify(body), contentType: 'application/json' };
  const { body: chunks } = await slow().send(new sdk.InvokeModelWithResponseStreamCommand(input));
  let came = 0;
  for await (const _ of chunks ?? nothing()) {
    came += 1;
    if (came === 8) break;
  }
  const { outcome, usageSource, usage } = await lab.record();
  expect([outcome, usageSource]).toEqual(['canceled', 'estimated']);
  // Eight of twenty chunks.
  const whole = consumed()?.output ?? 0;
  expect(usage?.output).toBeGreaterThan(whole * 0.2);
  expect(usage?.output).toBeLessThan(whole * 0.6);
});

test('an early break is canceled and estimated', async () => {
  const { stream: events } = await slow().send(stream());
  for await (const event of events ?? []) if (event.contentBlockDelta) break;
  expect(await lab.record()).toMatchObject({ outcome: 'canceled', usageSource: 'estimated' });
});

test('an abort is canceled, before the answer and in it', async () => {
  const controller = new AbortController();
  const ended = faulty('hang').send(ask(), { abortSignal: controller.signal });
  setTimeout(() => controller.abort(), 30);
  await expect(ended).rejects.toThrow();
  expect(await lab.record()).toMatchObject({ outcome: 'canceled', errorType: undefined });
});

test.each(['disconnect; after=2', 'error-event; after=2'])('%s is a failure of unknown usage', async (text) => {
  const { stream: events } = await faulty(text).send(stream());
  await expect(drain(events ?? nothing())).rejects.toThrow();
  const record = await lab.record();
  expect(record).toMatchObject({ outcome: 'failed', errorType: expect.any(String) });
  expect(record.cost.status).toBe('usage_unknown');
});

test('a stream that nobody reads is abandoned when it is collected', async () => {
  const drop = async () => void (await open().send(stream()));
  await drop();
  expect((await untilCollected(() => lab.records[0])).outcome).toBe('abandoned');
});

test.each([
  [403, 'free'],
  [429, 'free'],
  [500, 'usage_unknown'],
])('HTTP %i is a failure, and %s', async (status, cost) => {
  await expect(faulty(String(status)).send(ask())).rejects.toMatchObject({ $metadata: { httpStatusCode: status } });
  const record = await lab.record();
  expect(record).toMatchObject({ outcome: 'failed', errorType: String(status), attempts: 1 });
  expect(record.cost.status).toBe(cost);
});

test('retries are attempts of one call', async () => {
  const client = open({ maxAttempts: 3 });
  lab.provider.next({ fault: '503', attempts: 2 });
  await client.send(ask());
  expect(await lab.record()).toMatchObject({ outcome: 'completed', attempts: 3 });
  expect(lab.records).toHaveLength(1);
});

test('a refused call rejects with the reason and sends nothing', async () => {
  const client = open();
  const refusal = new Error('over budget');
  lab.begin({ admission: () => refusal });
  await expect(client.send(ask())).rejects.toBe(refusal);
  expect(lab.provider.served().entries).toHaveLength(0);
});
