/** The collector prices as the engine does, on every usage vector that a span can express. */

import { DEFAULT_MODEL } from '@tokenmeter/monitoring';
import { bundledBook, createPricer, SELLERS, type Usage } from '@tokenmeter/pricing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Collector, startCollector, toFiles } from '../lib/collector.ts';
import { type Attributes, type SpanInput, spansByName, traces } from '../lib/otlp.ts';
import { eventually } from '../lib/process.ts';

let collector: Collector;
beforeAll(async () => {
  collector = await startCollector({ config: toFiles });
});
afterAll(async () => {
  await collector?.stop();
  collector?.remove();
});

let sent = 0;
/** Attributes of spans after the collector, in the order of `spans`. */
async function through(spans: readonly Omit<SpanInput, 'name'>[], resource = {}): Promise<Record<string, unknown>[]> {
  const named = spans.map((span, index) => ({ ...span, name: `span ${sent + index}` }));
  sent += spans.length;
  for (let from = 0; from < named.length; from += 500) {
    await collector.send('traces', traces(named.slice(from, from + 500), resource));
  }
  return eventually(() => {
    const seen = spansByName(collector.lines('traces.jsonl'));
    const found = named.flatMap(({ name }): Record<string, unknown>[] => {
      const span = seen.get(name);
      return span === undefined ? [] : [span];
    });
    return found.length === named.length ? found : undefined;
  }, 60_000);
}

const call = (provider: string, model: string, more: SpanInput['attributes'] = {}): Omit<SpanInput, 'name'> => ({
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    ...more,
  },
});
const USED = { 'gen_ai.usage.input_tokens': 1000, 'gen_ai.usage.output_tokens': 100 };

/** A usage that a span can express, in the engine's words. */
const usage: fc.Arbitrary<Usage> = fc
  .tuple(
    fc.oneof(fc.nat(2000), fc.nat(1_200_000), fc.constantFrom(128_000, 200_000, 200_001, 272_000, 272_001)),
    fc.nat(50_000),
    fc.float({ min: 0, max: 1, noNaN: true }),
    fc.float({ min: 0, max: 1, noNaN: true }),
    fc.float({ min: 0, max: 1, noNaN: true }),
    fc.boolean(),
  )
  .map(([input, output, cached, written, thought, media]): Usage => {
    const cacheRead = Math.floor(input * cached);
    const cacheWrite = Math.floor((input - cacheRead) * written);
    const reasoning = Math.floor(output * thought);
    const audioInput = media ? Math.floor((input - cacheRead - cacheWrite) / 3) : undefined;
    const audioOutput = media ? Math.floor((output - reasoning) / 3) : undefined;
    return {
      ...{ input, output },
      ...(cached > 0.3 && { cacheRead }),
      ...(written > 0.7 && { cacheWrite }),
      ...(thought > 0.5 && { reasoning }),
      ...(audioInput && { audioInput, imageInput: audioInput }),
      ...(audioOutput && { audioOutput, imageOutput: audioOutput }),
      ...(media &&
        cached > 0.3 && { audioCacheRead: Math.floor(cacheRead / 4), imageCacheRead: Math.floor(cacheRead / 3) }),
    };
  });

const ATTRIBUTES: Readonly<Partial<Record<keyof Usage, string>>> = {
  input: 'gen_ai.usage.input_tokens',
  output: 'gen_ai.usage.output_tokens',
  cacheRead: 'gen_ai.usage.cache_read.input_tokens',
  cacheWrite: 'gen_ai.usage.cache_creation.input_tokens',
  reasoning: 'gen_ai.usage.reasoning.output_tokens',
  audioInput: 'gen_ai.usage.audio.input_tokens',
  audioOutput: 'gen_ai.usage.audio.output_tokens',
  imageInput: 'gen_ai.usage.image.input_tokens',
  imageOutput: 'gen_ai.usage.image.output_tokens',
  audioCacheRead: 'gen_ai.usage.audio.cache_read.input_tokens',
  imageCacheRead: 'gen_ai.usage.image.cache_read.input_tokens',
};

test('every id of the price book, by usage drawn at random', async () => {
  const book = bundledBook();
  const ids = SELLERS.flatMap((seller) =>
    [...(book.seller(seller.id)?.index.keys() ?? [])].map((model) => [seller, model] as const),
  );
  const usages = fc.sample(usage, { numRuns: ids.length, seed: 7 });
  const tiers = ['default', 'flex', 'priority', 'batch', 'scale', undefined];
  const at = Date.parse('2026-11-24T07:00:00Z');
  const cases = ids.map(([seller, model], index) => {
    const vector = usages[index] as Usage;
    const serviceTier = tiers[index % tiers.length];
    const attributes = Object.fromEntries(
      Object.entries(vector).map(([field, quantity]) => [
        ATTRIBUTES[field as keyof Usage] as string,
        quantity as number,
      ]),
    );
    const span = { ...call(seller.provider, model), start: at };
    const tier: Attributes = serviceTier === undefined ? {} : { 'openai.response.service_tier': serviceTier };
    const context = serviceTier === undefined ? {} : { serviceTier };
    const report = { usage: vector, context, flags: [] };
    return {
      span: { ...span, attributes: { ...span.attributes, ...attributes, ...tier } },
      cost: createPricerOnce().price({ provider: seller.provider, requestModel: model, report, at }),
      vector,
    };
  });
  const priced = await through(cases.map(({ span }) => span));
  const wrong = cases.flatMap(({ span, cost, vector }, index) => {
    const { 'tokenmeter.cost.usd': usd, 'tokenmeter.cost.status': status } = priced[index] ?? {};
    const amount = cost.usd === undefined ? usd === undefined : Math.abs((usd as number) - cost.usd) <= 1e-9;
    // How long a write to the cache lives is not on a span: the amount is the engine's, but not certain.
    const softened = status === 'estimated' && cost.status === 'priced' && vector.cacheWrite;
    return amount && (status === cost.status || softened) ? [] : [{ ...span.attributes, usd, status, cost }];
  });
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(cases.filter(({ cost }) => cost.status === 'priced').length).toBeGreaterThan(200);
  expect(cases.filter(({ cost }) => cost.usd !== undefined).length).toBeGreaterThan(2000);
});

describe('prices by the clock', () => {
  // Weekdays, 01:00 to 04:00 and 06:00 to 10:00 UTC, but for Chinese holidays.
  test.each([
    ['before the hours begin', '2026-11-25T00:59:59.999Z'],
    ['when they begin', '2026-11-25T01:00:00Z'],
    ['within', '2026-11-25T03:59:59.999Z'],
    ['when they end', '2026-11-25T04:00:00Z'],
    ['within the second ones', '2026-11-25T09:30:00Z'],
    ['after them', '2026-11-25T10:00:00Z'],
    ['on a Sunday', '2026-11-22T02:00:00Z'],
    ['on a holiday', '2027-01-01T02:00:00Z'],
    ['on a day that no list of holidays reaches', '2027-01-05T02:00:00Z'],
  ])('%s, as the engine', async (_, time) => {
    const [provider, model, at] = ['deepseek', 'deepseek-chat', Date.parse(time)];
    const [span] = await through([{ ...call(provider, model, USED), start: at }]);
    const report = { usage: { input: 1000, output: 100 }, context: {}, flags: [] };
    const { usd, status } = createPricerOnce().price({ provider, requestModel: model, report, at });
    expect(span?.['tokenmeter.cost.usd']).toBeCloseTo(usd as number, 12);
    expect(span?.['tokenmeter.cost.status']).toBe(status);
  });
});

let pricer: ReturnType<typeof createPricer> | undefined;
function createPricerOnce(): ReturnType<typeof createPricer> {
  pricer ??= createPricer();
  return pricer;
}

describe('what is no usage of one call', () => {
  test.each([
    ['an agent, whose calls are priced on their own', { 'gen_ai.operation.name': 'invoke_agent' }, {}],
    ['a tool', { 'gen_ai.operation.name': 'execute_tool' }, {}],
    ['a span of a process that exports its own metrics', { 'tokenmeter.metered': true }, {}],
    ['a span whose resource says so', {}, { 'tokenmeter.metered': true }],
  ])('%s has no cost', async (_, attributes, resource) => {
    const [span] = await through([call('openai', 'gpt-4o', { ...USED, ...attributes })], resource);
    expect(span).not.toHaveProperty(['tokenmeter.cost.usd']);
    expect(span).not.toHaveProperty(['tokenmeter.cost.status']);
  });

  test.each([
    ['no usage', {}, 'usage_unknown', undefined],
    ['a refused call', { 'error.type': '429' }, 'free', 0],
    ['a call that timed out', { 'error.type': '408' }, 'usage_unknown', undefined],
    ['a negative count', { ...USED, 'gen_ai.usage.output_tokens': -1 }, 'usage_unknown', undefined],
    ['a model that nobody knows', { ...USED, 'gen_ai.request.model': 'gpt-0' }, 'unpriced', undefined],
    ['a provider that nobody knows', { ...USED, 'gen_ai.provider.name': 'acme' }, 'unpriced', undefined],
    [
      'counts sent as text',
      { 'gen_ai.usage.input_tokens': '1000', 'gen_ai.usage.output_tokens': '100' },
      'priced',
      0.0035,
    ],
    [
      'another service was asked for than may have been given',
      { ...USED, 'openai.request.service_tier': 'flex' },
      'estimated',
      0.0035,
    ],
  ])('%s', async (_, attributes, status, usd) => {
    const [span] = await through([call('openai', 'gpt-4o', attributes)]);
    expect(span?.['tokenmeter.cost.status']).toBe(status);
    expect(span?.['tokenmeter.cost.usd']).toBe(usd);
  });
});

describe('every spelling', () => {
  // gpt-4o: 1,000 in, 400 of them cached, 100 out; USD per million 2.5, 1.25, 10.
  const COST = (600 * 2.5 + 400 * 1.25 + 100 * 10) / 1e6;
  test.each([
    [
      'OpenTelemetry 1.27 to 1.36',
      {
        'gen_ai.system': 'openai',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 1000,
        'gen_ai.usage.output_tokens': 100,
        'gen_ai.usage.cache_read.input_tokens': 400,
      },
    ],
    [
      'OpenInference',
      {
        'openinference.span.kind': 'LLM',
        'llm.provider': 'openai',
        'llm.model_name': 'gpt-4o',
        'llm.token_count.prompt': 1000,
        'llm.token_count.completion': 100,
        'llm.token_count.prompt_details.cache_read': 400,
      },
    ],
    [
      'OpenLLMetry',
      {
        'llm.request.type': 'chat',
        'gen_ai.system': 'OpenAI',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.prompt_tokens': 1000,
        'gen_ai.usage.completion_tokens': 100,
        'gen_ai.usage.cache_read_input_tokens': 400,
      },
    ],
    [
      'OpenLIT',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 1000,
        'gen_ai.usage.output_tokens': 100,
        'gen_ai.usage.prompt_tokens_details.cache_read': 400,
      },
    ],
    [
      'the AI SDK',
      {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.model.provider': 'openai.chat',
        'ai.model.id': 'gpt-4o',
        'ai.usage.inputTokens': 1000,
        'ai.usage.outputTokens': 100,
        'ai.usage.cachedInputTokens': 400,
      },
    ],
  ])('of %s', async (_, attributes) => {
    const [span] = await through([{ attributes }]);
    expect(span).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'tokenmeter.cost.status': 'priced',
      'tokenmeter.feature': 'untagged',
    });
    expect(span?.['tokenmeter.cost.usd']).toBeCloseTo(COST, 12);
  });

  test.each([
    ['a dated snapshot', 'openai', 'gpt-4o-2024-08-06'],
    ['a path', 'gcp.gemini', 'models/gemini-2.5-flash'],
    ['the seller in front', 'openai', 'openai/gpt-4o'],
  ])('of a model: %s', async (_, provider, model) => {
    const [span] = await through([call(provider, model, USED)]);
    expect(span?.['tokenmeter.cost.status']).toBe('priced');
    const report = { usage: { input: 1000, output: 100 }, context: {}, flags: [] };
    const { usd } = createPricerOnce().price({ provider, requestModel: model, report, at: Date.now() });
    expect(span?.['tokenmeter.cost.usd']).toBeCloseTo(usd as number, 12);
  });

  test('input without the cached tokens is told by its being too small', async () => {
    const cached = { 'gen_ai.usage.cache_read.input_tokens': 5000, 'gen_ai.usage.cache_creation.input_tokens': 0 };
    const [apart] = await through([call('anthropic', 'claude-sonnet-4-5', { ...USED, ...cached })]);
    const [within] = await through([
      call('anthropic', 'claude-sonnet-4-5', { ...USED, ...cached, 'gen_ai.usage.input_tokens': 6000 }),
    ]);
    expect(apart?.['tokenmeter.cost.usd']).toBeCloseTo((1000 * 3 + 5000 * 0.3 + 100 * 15) / 1e6, 12);
    expect(within?.['tokenmeter.cost.usd']).toBe(apart?.['tokenmeter.cost.usd']);
    expect(within?.['tokenmeter.cost.status']).toBe('priced');
  });

  test('the host says who sends the bill, whatever the SDK is called', async () => {
    const at = { 'server.address': 'api.groq.com' };
    const [span] = await through([call('openai', 'llama-3.3-70b-versatile', { ...USED, ...at })]);
    expect(span?.['gen_ai.provider.name']).toBe('groq');
    expect(span?.['tokenmeter.cost.status']).toBe('priced');
  });

  test('a feature that another tool was told', async () => {
    const [span] = await through([
      call('openai', 'gpt-4o', { ...USED, 'traceloop.association.properties.feature': 'search' }),
    ]);
    expect(span?.['tokenmeter.feature']).toBe('search');
  });
});

test('a span with a cost of ours and no mark keeps it', async () => {
  const own = { 'tokenmeter.cost.usd': 0.42, 'tokenmeter.cost.status': 'priced', 'tokenmeter.cost.source': 'override' };
  const [span] = await through([call('openai', 'gpt-4o', { ...USED, ...own })]);
  expect(span).toMatchObject(own);
});

test("prices of tokenmeter.yaml: a discount, an alias, a price of one's own", async () => {
  const prices = {
    discounts: { anthropic: '25%' },
    aliases: { 'azure.ai.openai/my-deployment': 'azure.ai.openai/gpt-4o' },
    overrides: [{ provider: 'openai', model: 'gpt-4o-mini', input: 0.12, output: 0.5 }],
  };
  const own = await startCollector({ config: toFiles, model: { ...DEFAULT_MODEL, prices } });
  try {
    const calls = [
      ['anthropic', 'claude-sonnet-4-5'],
      ['azure.ai.openai', 'my-deployment'],
      ['openai', 'gpt-4o-mini'],
    ] as const;
    const spans = calls.map(([provider, model]) => ({ ...call(provider, model, USED), name: model }));
    await own.send('traces', traces(spans));
    const seen = await eventually(() => {
      const found = spansByName(own.lines('traces.jsonl'));
      return found.size === calls.length ? found : undefined;
    });
    const amounts = calls.map(([, model]) => seen.get(model)?.['tokenmeter.cost.usd']);
    // 1,000 tokens in, 100 out.
    expect(amounts[0]).toBeCloseTo((0.75 * (1000 * 3 + 100 * 15)) / 1e6, 12);
    expect(amounts[1]).toBeCloseTo((1000 * 2.5 + 100 * 10) / 1e6, 12);
    expect(amounts[2]).toBeCloseTo((1000 * 0.12 + 100 * 0.5) / 1e6, 12);
  } finally {
    await own.stop();
    own.remove();
  }
});
