/** Hosts that speak OpenAI's API, through the openai SDK: who they are is told by the base URL. */
import type { ProviderName } from '@tokenmeter/fake-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, OPENAI_MAJORS, openLab, requireFrom } from '../../testing/lab.ts';

interface Chunk {
  readonly choices: readonly unknown[];
  readonly usage?: unknown;
}

interface Client {
  readonly chat: {
    readonly completions: { create(params: object, options?: object): Promise<AsyncIterable<Chunk>> };
  };
  readonly responses: { create(params: object): Promise<unknown> };
}

interface Host {
  readonly baseURL: string;
  readonly provider: string;
  readonly model: string;
  /** Who plays the host: it speaks as it does. */
  readonly fake: ProviderName;
  /** What the seller's own SDK has after its base URL. */
  readonly path?: string;
  /** Dollars for a million tokens of input and output, from the seller's list; absent where another rule decides. */
  readonly rates?: readonly [input: number, output: number];
  readonly status?: string;
  /** Streams tell their usage unasked. */
  readonly unasked?: boolean;
}

const HOSTS: readonly Host[] = [
  {
    baseURL: 'https://api.groq.com/openai/v1',
    provider: 'groq',
    model: 'llama-3.3-70b-versatile',
    fake: 'groq',
    path: '/openai/v1',
    rates: [0.59, 0.79],
    unasked: true,
  },
  {
    baseURL: 'https://api.mistral.ai/v1',
    provider: 'mistral_ai',
    model: 'mistral-large-2512',
    fake: 'mistral',
    path: '/v1',
    rates: [0.5, 1.5],
    unasked: true,
  },
  {
    baseURL: 'https://api.x.ai/v1',
    provider: 'x_ai',
    model: 'grok-4-0709',
    fake: 'xai',
    rates: [3, 15],
    unasked: true,
  },
  {
    baseURL: 'https://api.together.xyz/v1',
    provider: 'together_ai',
    model: 'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8',
    fake: 'together',
    rates: [0.27, 0.85],
    unasked: true,
  },
  {
    baseURL: 'https://openrouter.ai/api/v1',
    provider: 'openrouter',
    model: 'anthropic/claude-sonnet-5',
    fake: 'openrouter',
    rates: [1, 2],
    unasked: true,
  },
  { baseURL: 'https://api.perplexity.ai', provider: 'perplexity', model: 'sonar', fake: 'perplexity', unasked: true },
  { baseURL: 'https://api.deepseek.com', provider: 'deepseek', model: 'deepseek-chat', fake: 'openai' },
  {
    baseURL: 'https://api.fireworks.ai/inference/v1',
    provider: 'fireworks_ai',
    model: 'accounts/fireworks/models/ember-1',
    fake: 'openai',
    rates: [3, 15],
  },
  { baseURL: 'http://localhost:11434/v1', provider: 'ollama', model: 'llama3.2', fake: 'openai', status: 'free' },
  { baseURL: 'http://localhost:1234/v1', provider: 'lm_studio', model: 'qwen3', fake: 'openai', status: 'free' },
  { baseURL: 'http://vllm:8000/v1', provider: 'vllm', model: 'qwen3', fake: 'openai', status: 'free' },
  {
    baseURL: 'https://api.openai.com/v1',
    provider: 'openai',
    model: 'gpt-4o-mini',
    fake: 'openai',
    rates: [0.15, 0.6],
  },
];

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

/** A `fetch` that finds a host's API at its fake. */
const redirected =
  (baseURL: string, fake: ProviderName, path = '') =>
  (url: unknown, init: RequestInit): Promise<Response> =>
    fetch(String(url).replace(baseURL, lab.provider.baseUrl(fake) + path), init);

const usd = ([input, output]: readonly [number, number]): number => {
  const used = lab.provider.served().entries.at(-1)?.consumed;
  return ((used?.input ?? 0) * input + (used?.output ?? 0) * output) / 1e6;
};

describe.each(HOSTS)(
  '$baseURL',
  ({ baseURL, provider, model, fake, path, rates, status = 'priced', unasked = false }) => {
    const OpenAI = loadSdk<Client>('openai-7');
    const open = (): Client => {
      lab.begin();
      return new OpenAI({ apiKey: 'test', baseURL, maxRetries: 0, fetch: redirected(baseURL, fake, path) });
    };
    const params = { model, messages: [{ role: 'user', content: 'Tell me about meters.' }] };

    test(`is ${provider}, and an answer has its price`, async () => {
      await open().chat.completions.create(params);
      const record = await lab.record();
      const { hostname } = new URL(baseURL);
      expect(record).toMatchObject({
        provider,
        serverAddress: hostname,
        outcome: 'completed',
        usageSource: 'provider',
      });
      expect(record.cost.status).toBe(status);
      if (rates) expect(record.cost.usd).toBeCloseTo(usd(rates), 9);
      if (status === 'free') expect(record.cost.usd).toBe(0);
    });

    test('a stream has the same price, and shows the app what it would show without us', async () => {
      const asking = { ...params, stream: true };
      const chunks = await drain(await open().chat.completions.create(asking));
      const record = await lab.record();
      const { body, chunks: sent } = lab.provider.served().entries[0] ?? {};
      expect(record).toMatchObject({ provider, outcome: 'completed', usageSource: 'provider', stream: true });
      expect(record.cost.status).toBe(status);
      if (rates) expect(record.cost.usd).toBeCloseTo(usd(rates), 9);
      if (unasked) {
        expect(body).toEqual(asking);
        expect(chunks).toHaveLength((sent?.total ?? 0) - 1);
      } else {
        expect(body).toHaveProperty('stream_options');
        expect(chunks.every((chunk) => chunk.choices.length > 0 && chunk.usage === undefined)).toBe(true);
      }
    });
  },
);

test('what an unknown host charges is not guessed', async () => {
  const OpenAI = loadSdk<Client>('openai-7');
  lab.begin();
  const baseURL = 'http://localhost:8000/v1';
  const client = new OpenAI({ apiKey: 'test', baseURL, fetch: redirected(baseURL, 'openai') });
  await client.chat.completions.create({ model: 'qwen3', messages: [{ role: 'user', content: 'hello' }] });
  const { cost } = await lab.record();
  expect(cost.status).toBe('unpriced');
  expect(cost.usd).toBeUndefined();
});

test.each([
  [400, { error: { message: 'Unrecognized request argument supplied: stream_options' } }],
  [
    422,
    { detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] },
  ],
])('a host that refuses stream_options with %i is asked again without, and never again', async (status, refusal) => {
  const OpenAI = loadSdk<Client>('openai-7');
  lab.begin();
  const baseURL = `https://gateway-${status}.example.com/v1`;
  const bodies: string[] = [];
  const strict = (url: unknown, init: RequestInit): Promise<Response> => {
    bodies.push(String(init.body));
    if (String(init.body).includes('stream_options')) return Promise.resolve(Response.json(refusal, { status }));
    return redirected(baseURL, 'openai')(url, init);
  };
  const client = new OpenAI({ apiKey: 'test', baseURL, maxRetries: 0, fetch: strict });
  const params = { model: 'm', messages: [{ role: 'user', content: 'hello' }], stream: true };
  for (const _ of [1, 2]) expect((await drain(await client.chat.completions.create(params))).length).toBeGreaterThan(0);
  expect(bodies.map((body) => body.includes('stream_options'))).toEqual([true, false, false]);
  expect(lab.records).toMatchObject([
    { outcome: 'completed', attempts: 2, usageSource: 'estimated' },
    { outcome: 'completed', attempts: 1, usageSource: 'estimated' },
  ]);
});

describe.each(OPENAI_MAJORS)('AzureOpenAI of %s', (folder) => {
  loadSdk(folder);
  const { AzureOpenAI } = requireFrom(folder)('openai') as { AzureOpenAI: new (options: object) => Client };

  test.each([
    ['https://my-resource.openai.azure.com', 'my-resource.openai.azure.com'],
    ['https://gateway.example.com', 'gateway.example.com'],
  ])('at %s is Azure, priced by the model behind the deployment', async (endpoint, address) => {
    lab.begin();
    const client = new AzureOpenAI({
      apiKey: 'test',
      apiVersion: '2024-10-21',
      endpoint,
      maxRetries: 0,
      fetch: redirected(endpoint, 'anthropic'),
    });
    lab.provider.next({ model: 'gpt-4o-2024-08-06' });
    await client.chat.completions.create({ model: 'my-deployment', messages: [{ role: 'user', content: 'hello' }] });
    const record = await lab.record();
    expect(record).toMatchObject({
      provider: 'azure.ai.openai',
      serverAddress: address,
      requestModel: 'my-deployment',
      responseModel: 'gpt-4o-2024-08-06',
    });
    expect(record.cost.status).toBe('priced');
    expect(record.cost.usd).toBeCloseTo(usd([2.5, 10]), 9);
  });
});

describe('BedrockOpenAI', () => {
  loadSdk('openai-7');
  const { BedrockOpenAI } = requireFrom('openai-7')('openai') as { BedrockOpenAI: new (options: object) => Client };

  test.each([
    ['by region', { awsRegion: 'us-west-2' }, 'https://bedrock-mantle.us-west-2.api.aws/openai/v1'],
    ['at a gateway', { baseURL: 'https://gateway.example.com/v1' }, 'https://gateway.example.com/v1'],
  ])('%s is Bedrock', async (_, options, baseURL) => {
    lab.begin();
    const client = new BedrockOpenAI({
      apiKey: 'test',
      ...options,
      maxRetries: 0,
      fetch: redirected(baseURL, 'openai'),
    });
    await client.responses.create({ model: 'openai.gpt-oss-120b', input: 'hello' });
    const record = await lab.record();
    expect(record).toMatchObject({ provider: 'aws.bedrock', outcome: 'completed', usageSource: 'provider' });
    expect(record.cost.status).toBe('priced');
    expect(record.cost.usd).toBeCloseTo(usd([0.15, 0.6]), 9);
  });
});
