import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, openLab } from '../../testing/lab.ts';

interface Client {
  readonly chat: {
    complete(params: object, options?: object): Promise<unknown>;
    stream(params: object): Promise<AsyncIterable<unknown>>;
  };
}

const CHAT = { model: 'mistral-large-2512', messages: [{ role: 'user', content: 'Hello meter.' }] };

let lab: Lab;
const exporter = new InMemorySpanExporter();

beforeAll(async () => {
  lab = await openLab();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
afterAll(() => lab.close());
afterEach(() => {
  delete process.env.MISTRAL_SDK_TELEMETRY;
});

const Mistral = loadSdk<Client>('mistral-2');
const open = (): Client => {
  lab.begin({ metered: () => true });
  exporter.reset();
  return new Mistral({ apiKey: 'test', serverURL: lab.provider.baseUrl('mistral') });
};

test('its own tracing is off: our span stands alone', async () => {
  await open().chat.complete(CHAT);
  const record = await lab.record();
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([`chat ${CHAT.model}`]);
  expect(exporter.getFinishedSpans()[0]?.attributes['tokenmeter.cost.usd']).toBe(record.cost.usd);
});

test.each([
  ['an answer', (client: Client) => client.chat.complete(CHAT)],
  ['a stream', async (client: Client) => drain(await client.chat.stream(CHAT))],
])('chosen by the user, its span stays the only one and carries our attributes: %s', async (_, call) => {
  process.env.MISTRAL_SDK_TELEMETRY = 'global';
  await call(open());
  const record = await lab.record();
  const spans = exporter.getFinishedSpans();
  expect(spans).toHaveLength(1);
  expect(spans[0]?.instrumentationScope.name).not.toBe('tokenmeter');
  expect(spans[0]?.attributes).toMatchObject({
    'tokenmeter.feature': 'untagged',
    'tokenmeter.metered': true,
    'tokenmeter.cost.usd': record.cost.usd,
  });
  expect(record.cost.status).toBe('priced');
  expect(spans[0]?.spanContext().spanId).toBe(record.spanId);
});

test('chosen by the user, a failure ends its span as well', async () => {
  process.env.MISTRAL_SDK_TELEMETRY = 'global';
  await expect(open().chat.complete(CHAT, { headers: { 'x-fake-fault': '401' } })).rejects.toThrow();
  const record = await lab.record();
  const spans = exporter.getFinishedSpans();
  expect(spans).toHaveLength(1);
  expect(spans[0]?.attributes['error.type']).toBe('401');
  expect(spans[0]?.spanContext().spanId).toBe(record.spanId);
});
