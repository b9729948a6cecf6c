/** Claude by the SDKs for Amazon Bedrock and Vertex AI. */
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, openLab, requireFrom } from '../../testing/lab.ts';

interface Messages {
  create(params: object, options?: object): Promise<AsyncIterable<{ type: string }>>;
  stream(params: object): { finalMessage(): Promise<unknown> };
}

interface Client {
  readonly messages: Messages;
  readonly beta: { readonly messages: Messages };
}

type Clients = Readonly<Record<string, new (options: object) => Client>>;

interface Cloud {
  readonly className: string;
  readonly options: object;
  /** Of the path. */
  readonly base: string;
  readonly provider: string;
  /** Model and what its list price is multiplied by. */
  readonly models: readonly (readonly [model: string, factor: number])[];
}

/** How a client is made that asks nobody for credentials, and what it is to be told as. */
const CLOUDS: Readonly<Record<string, Cloud>> = {
  '@anthropic-ai/bedrock-sdk': {
    className: 'AnthropicBedrock',
    options: { awsRegion: 'eu-central-1', apiKey: 'test' },
    base: '',
    provider: 'aws.bedrock',
    // Inference profiles of a region cost a tenth more than the global one.
    models: [
      ['global.anthropic.claude-sonnet-4-5-20250929-v1:0', 1],
      ['eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 1.1],
    ],
  },
  '@anthropic-ai/vertex-sdk': {
    className: 'AnthropicVertex',
    options: {
      region: 'global',
      projectId: 'project',
      authClient: {
        projectId: 'project',
        getRequestHeaders: async () => new Headers({ authorization: 'Bearer test' }),
      },
    },
    base: '/v1',
    provider: 'gcp.vertex_ai',
    models: [['claude-sonnet-4-5@20250929', 1]],
  },
};

let lab: Lab;
const exporter = new InMemorySpanExporter();
beforeAll(async () => {
  lab = await openLab();
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
afterAll(() => lab.close());

describe.each([
  ['anthropic-clouds-0', '@anthropic-ai/bedrock-sdk'],
  ['anthropic-clouds-0', '@anthropic-ai/vertex-sdk'],
  ['anthropic-clouds-1', '@anthropic-ai/vertex-sdk'],
  ['anthropic-clouds-1', '@anthropic-ai/bedrock-sdk'],
] as const)('%s: %s', (folder, name) => {
  loadSdk(folder);
  const { className, options, base, provider, models } = CLOUDS[name] as Cloud;
  const Client = (requireFrom(folder)(name) as Clients)[className] as Clients[string];
  const open = (): Client => {
    lab.begin();
    exporter.reset();
    return new Client({ ...options, baseURL: lab.provider.url + base, maxRetries: 0 });
  };
  const params = (model: string) => ({ model, max_tokens: 200, messages: [{ role: 'user', content: 'Hello meter.' }] });

  test.each(models)('%s is one call of its cloud, one span, at its price', async (model, factor) => {
    const client = open();
    await client.messages.create(params(model));
    await client.beta.messages.create(params(model));
    expect(lab.records).toHaveLength(2);
    for (const [index, record] of lab.records.entries()) {
      const { consumed } = lab.provider.served().entries[index] ?? {};
      expect(record).toMatchObject({
        provider,
        operation: 'chat',
        requestModel: model,
        responseModel: 'claude-sonnet-4-5-20250929',
        outcome: 'completed',
        attempts: 1,
        usage: { input: consumed?.input, output: consumed?.output },
        cost: { status: 'priced' },
      });
      // $3 and $15 per million.
      const usd = ((consumed?.input ?? 0) * 3 + (consumed?.output ?? 0) * 15) / 1e6;
      expect(record.cost.usd).toBeCloseTo(usd * factor, 12);
    }
    const spans = exporter.getFinishedSpans().filter((span) => span.name !== 'POST');
    expect(spans.map((span) => [span.name, span.attributes['gen_ai.provider.name']])).toEqual([
      [`chat ${model}`, provider],
      [`chat ${model}`, provider],
    ]);
  });

  test('a stream, its helper and a refusal', async () => {
    const client = open();
    const [[model] = ['']] = models;
    const events = await drain(await client.messages.create({ ...params(model), stream: true }));
    expect(events.at(-1)?.type).toBe('message_stop');
    await client.messages.stream(params(model)).finalMessage();
    const refused = client.messages.create(params(model), { headers: { 'x-fake-fault': '429' } });
    await expect(refused).rejects.toMatchObject({ status: 429 });
    expect(
      lab.records.map(({ provider: of, outcome, usageSource, cost }) => [of, outcome, usageSource, cost.status]),
    ).toEqual([
      [provider, 'completed', 'provider', 'priced'],
      [provider, 'completed', 'provider', 'priced'],
      [provider, 'failed', 'none', 'free'],
    ]);
    const [first] = lab.provider.served().entries;
    expect(lab.records[0]?.usage).toMatchObject({ input: first?.consumed?.input, output: first?.consumed?.output });
  });
});
