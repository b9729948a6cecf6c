import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ANTHROPIC_MAJORS, type Lab, loadSdk, openLab } from '../../testing/lab.ts';

interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
}

interface Message {
  readonly usage: Usage;
}

interface Messages {
  create(params: object, options?: object): Promise<Message & AsyncIterable<{ type: string }>>;
  stream?(params: object, options?: object): { finalMessage(): Promise<Message> };
}

interface Client {
  readonly messages: Messages;
  readonly beta: { readonly messages: Messages };
}

const MESSAGE = { model: 'claude-sonnet-4-5', max_tokens: 200, messages: [{ role: 'user', content: 'Hello meter.' }] };
const plan = (value: object): object => ({ headers: { 'x-fake-plan': JSON.stringify(value) } });

let lab: Lab;
const exporter = new InMemorySpanExporter();

beforeAll(async () => {
  lab = await openLab();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
afterAll(() => lab.close());
afterEach(() => {
  delete process.env.ANTHROPIC_OPEN_TELEMETRY;
});

/** All input tokens, as the conventions want them: cached ones included. */
const totalInput = (usage: Usage): number =>
  usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);

describe.each(ANTHROPIC_MAJORS)('%s', (folder) => {
  const Anthropic = loadSdk<Client>(folder);
  const hasNativeTracing = folder !== 'anthropic-0.30';
  const open = (options: object = {}): Client => {
    lab.begin({ metered: () => true });
    exporter.reset();
    return new Anthropic({ apiKey: 'test', baseURL: lab.provider.anthropicBaseUrl, maxRetries: 0, ...options });
  };
  const clientSpans = () => exporter.getFinishedSpans().filter((span) => span.name !== 'POST');

  test.each([
    ['messages', (client: Client) => client.messages],
    ['beta.messages', (client: Client) => client.beta.messages],
  ])('%s: an answer is one record and one span, and its input includes what was cached', async (_, resource) => {
    const answer = await resource(open()).create(MESSAGE);
    const record = await lab.record();
    expect(lab.records).toHaveLength(1);
    expect(record.usage).toMatchObject({ input: totalInput(answer.usage), output: answer.usage.output_tokens });
    expect(record).toMatchObject({ provider: 'anthropic', operation: 'chat', outcome: 'completed', attempts: 1 });
    expect(record.cost.status).toBe('priced');
    expect(clientSpans()).toHaveLength(1);
    const [span] = clientSpans();
    expect(span?.name).toBe(`chat ${MESSAGE.model}`);
    expect(span?.attributes['gen_ai.usage.input_tokens']).toBe(totalInput(answer.usage));
    expect(span?.attributes['tokenmeter.cost.usd']).toBe(record.cost.usd);
    expect(span?.spanContext().spanId).toBe(record.spanId);
    expect(span?.status.code).toBe(0);
  });

  test('a stream replaces the placeholder of its first event, and never adds', async () => {
    const stream = await open().messages.create({ ...MESSAGE, stream: true });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    const record = await lab.record();
    const consumed = lab.provider.served().entries[0]?.consumed;
    expect(types.at(-1)).toBe('message_stop');
    expect(record.usage).toMatchObject({ input: consumed?.input, output: consumed?.output });
    expect(record).toMatchObject({ outcome: 'completed', usageSource: 'provider', stream: true });
    expect(clientSpans()).toHaveLength(1);
  });

  test('an early break keeps the exact input, and estimates the output only', async () => {
    const stream = await open().messages.create({ ...MESSAGE, stream: true }, plan({ chunks: 20, chunkDelayMs: 10 }));
    for await (const event of stream) if (event.type === 'content_block_delta') break;
    const record = await lab.record();
    expect(record.usage?.input).toBe(lab.provider.served().entries[0]?.consumed?.input);
    expect(record).toMatchObject({ outcome: 'canceled', usageSource: 'estimated' });
    expect(record.cost.status).toBe('estimated');
  });

  test('the stream helper is one call and one span', async () => {
    const client = open();
    if (!client.messages.stream) throw new Error('every supported version has it');
    const final = await client.messages.stream(MESSAGE).finalMessage();
    const record = await lab.record();
    expect(lab.records).toHaveLength(1);
    expect(record.usage?.output).toBe(final.usage.output_tokens);
    expect(clientSpans()).toHaveLength(1);
    expect(clientSpans()[0]?.name).toBe(`chat ${MESSAGE.model}`);
  });

  test('HTTP 529 is a failed call that cost nothing', async () => {
    await expect(open().messages.create(MESSAGE, { headers: { 'x-fake-fault': '529' } })).rejects.toMatchObject({
      status: 529,
    });
    const record = await lab.record();
    expect(record).toMatchObject({ outcome: 'failed', errorType: '529' });
    expect(record.cost).toMatchObject({ status: 'free', pico: 0n });
    expect(clientSpans()[0]?.status.code).toBe(2);
  });

  if (!hasNativeTracing) return;

  describe("the SDK's own tracing", () => {
    test.each([
      ['option', () => open({ openTelemetry: { traces: { contentMode: 'content' } } })],
      [
        'environment',
        () => {
          process.env.ANTHROPIC_OPEN_TELEMETRY = 'true';
          return open();
        },
      ],
    ])('chosen by %s, it stays the only span, and carries our attributes', async (_, client) => {
      await client().messages.create(MESSAGE);
      const record = await lab.record();
      expect(clientSpans().map((span) => span.name)).toEqual(['anthropic.messages.create']);
      const [span] = clientSpans();
      expect(span?.attributes).toMatchObject({
        'tokenmeter.feature': 'untagged',
        'tokenmeter.metered': true,
        'tokenmeter.cost.usd': record.cost.usd,
      });
      expect(span?.spanContext().spanId).toBe(record.spanId);
    });

    test('chosen, the stream helper is one span with our attributes', async () => {
      const client = open({ openTelemetry: { traces: { contentMode: 'content' } } });
      await client.messages.stream?.(MESSAGE).finalMessage();
      const record = await lab.record();
      expect(clientSpans().map((span) => span.name)).toEqual(['anthropic.messages.create']);
      expect(clientSpans()[0]?.attributes['tokenmeter.cost.usd']).toBe(record.cost.usd);
    });

    test('switched off by its option, our span stands alone', async () => {
      await open({ openTelemetry: false }).messages.create(MESSAGE);
      await lab.record();
      expect(clientSpans().map((span) => span.name)).toEqual([`chat ${MESSAGE.model}`]);
    });
  });
});
