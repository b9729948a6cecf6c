import { diag, metrics } from '@opentelemetry/api';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configureAttribution } from '../attribution/index.ts';
import { shared } from '../state.ts';
import { call, Provider, sum } from './metrics.fixtures.ts';
import { buildMetrics, createMetrics, type MetricsOptions } from './metrics.ts';

const build = (options: MetricsOptions = {}) => buildMetrics({ generations: ['stable'], ...options });
const warnings: string[] = [];

beforeEach(() => {
  configureAttribution({ env: {} });
  warnings.length = 0;
  shared('warned', () => new Set<string>()).clear();
  const ignore = (): void => {};
  const logger = { error: ignore, warn: (text: string) => warnings.push(text), info: ignore, debug: ignore };
  diag.setLogger({ ...logger, verbose: ignore });
});
afterEach(() => {
  metrics.disable();
  diag.disable();
});

const COMMON = {
  'tokenmeter.feature': 'search',
  'tokenmeter.team': 'core',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-5',
  'gen_ai.response.model': 'gpt-5-2025-08-07',
  'gen_ai.operation.name': 'chat',
  'deployment.environment.name': 'prod',
};

describe('one call', () => {
  it('is on each instrument with the attributes of the contract and no others', async () => {
    const provider = new Provider();
    build().sink(call());
    const found = await provider.collect();
    const tokens = (type: string, value: number) => ({
      attributes: { ...COMMON, 'tokenmeter.token.type': type },
      value,
    });
    const priced = { 'tokenmeter.cost.status': 'priced', 'tokenmeter.outcome': 'completed' };
    expect(found.get('tokenmeter.cost.usd')).toEqual([{ attributes: { ...COMMON, ...priced }, value: 0.01 }]);
    expect(found.get('tokenmeter.calls')).toEqual([{ attributes: { ...COMMON, ...priced }, value: 1 }]);
    expect(found.get('tokenmeter.attempts')).toEqual([{ attributes: COMMON, value: 1 }]);
    expect(found.get('tokenmeter.cache.savings.usd')).toEqual([{ attributes: COMMON, value: 0.001 }]);
    expect(found.get('tokenmeter.call.cost.usd')).toEqual([{ attributes: COMMON, value: 0.01 }]);
    expect(found.get('tokenmeter.tokens')).toEqual([
      tokens('input', 70),
      tokens('cache_read', 30),
      tokens('output', 15),
      tokens('reasoning', 5),
    ]);
  });

  it('is on the standard instruments with their attributes, the feature and the team', async () => {
    const provider = new Provider();
    build().sink(call({ stream: true, timeToFirstChunk: 250 }));
    const found = await provider.collect();
    const { 'deployment.environment.name': _, ...shared } = COMMON;
    const attributes = { ...shared, 'server.address': 'api.openai.com', 'server.port': 443 };
    expect(found.get('gen_ai.client.operation.duration')).toEqual([{ attributes, value: 1.5 }]);
    expect(found.get('gen_ai.client.operation.time_to_first_chunk')).toEqual([{ attributes, value: 0.25 }]);
    expect(found.get('gen_ai.client.token.usage')).toEqual([
      { attributes: { ...attributes, 'gen_ai.token.type': 'input' }, value: 100 },
      { attributes: { ...attributes, 'gen_ai.token.type': 'output' }, value: 20 },
    ]);
  });

  it('shows its tenant only where that is allowed', async () => {
    const provider = new Provider();
    build({ tenant: true }).sink(call());
    for (const [name, points] of await provider.collect()) {
      if (name === 'tokenmeter.attributes.capped') continue;
      expect(
        points.map(({ attributes }) => attributes['tokenmeter.tenant']),
        name,
      ).toEqual(points.map(() => 'acme'));
    }
  });

  it('has the units of the contract', async () => {
    const provider = new Provider();
    build().sink(call());
    const units = await provider.units();
    expect(Object.fromEntries(units)).toMatchObject({
      'tokenmeter.cost.usd': '{USD}',
      'tokenmeter.call.cost.usd': '{USD}',
      'tokenmeter.calls': '{call}',
      'tokenmeter.tokens': '{token}',
      'gen_ai.client.operation.duration': 's',
    });
  });

  it('uses the contract`s buckets', async () => {
    const provider = new Provider();
    build().sink(call());
    const [cost] = await provider.histogram('tokenmeter.call.cost.usd');
    expect(cost?.buckets.boundaries.at(-1)).toBe(20.5);
    const [usage] = await provider.histogram('gen_ai.client.token.usage');
    expect(usage?.buckets.boundaries).toEqual(Array.from({ length: 14 }, (_, power) => 4 ** power));
  });

  it('without an amount adds no cost, and says so in the calls', async () => {
    const provider = new Provider();
    const { sink } = build();
    const cost = { version: 'test', flags: [] } as const;
    sink(call({ cost: { ...cost, status: 'unpriced' } }));
    sink(call({ cost: { ...cost, status: 'usage_unknown' }, usage: undefined, usageSource: 'none' }));
    sink(call({ cost: { ...cost, status: 'free', pico: 0n }, outcome: 'failed', errorType: '429', usage: undefined }));
    const found = await provider.collect();
    expect(found.get('tokenmeter.cost.usd')?.map(({ attributes }) => attributes['tokenmeter.cost.status'])).toEqual([
      'free',
    ]);
    for (const status of ['unpriced', 'usage_unknown', 'free']) {
      expect(sum(found.get('tokenmeter.calls'), { 'tokenmeter.cost.status': status })).toBe(1);
    }
    expect(sum(found.get('tokenmeter.calls'), { 'error.type': '429', 'tokenmeter.outcome': 'failed' })).toBe(1);
    expect(
      found.get('gen_ai.client.operation.duration')?.filter(({ attributes }) => attributes['error.type']),
    ).toHaveLength(1);
  });

  it('with estimated usage stays out of the standard token metrics', async () => {
    const provider = new Provider();
    buildMetrics({ generations: ['stable', 'latest'] }).sink(call({ usageSource: 'estimated', outcome: 'canceled' }));
    const found = await provider.collect();
    const standard = [...found.keys()].filter((name) => name.startsWith('gen_ai.') && name.includes('token'));
    expect(standard).toEqual([]);
    expect(sum(found.get('tokenmeter.tokens'))).toBe(120);
  });
});

describe('generations', () => {
  const names = async (options: MetricsOptions, operation = 'chat'): Promise<string[]> => {
    const provider = new Provider();
    buildMetrics(options).sink(call({ operation, timeToFirstChunk: 1 }));
    return [...(await provider.collect()).keys()].filter((name) => name.startsWith('gen_ai.')).sort();
  };
  const stable = [
    'gen_ai.client.operation.duration',
    'gen_ai.client.operation.time_to_first_chunk',
    'gen_ai.client.token.usage',
  ];
  const latest = [
    'gen_ai.client.inference.duration',
    'gen_ai.client.inference.operation.input_tokens',
    'gen_ai.client.inference.operation.output_tokens',
    'gen_ai.client.inference.time_to_first_chunk',
    'gen_ai.client.inference.usage.cache_read.input_tokens',
    'gen_ai.client.inference.usage.input_tokens',
    'gen_ai.client.inference.usage.output_tokens',
    'gen_ai.client.inference.usage.reasoning.output_tokens',
  ];

  it('are the last release, the newest, or both', async () => {
    expect(await names({ generations: ['stable'] })).toEqual(stable);
    expect(await names({ generations: ['latest'] })).toEqual(latest);
    expect(await names({ generations: ['stable', 'latest'] })).toEqual([...stable, ...latest].sort());
  });

  it('follow the environment', async () => {
    process.env.OTEL_SEMCONV_STABILITY_OPT_IN = 'http,gen_ai_latest_experimental';
    try {
      expect(await names({})).toEqual(latest);
    } finally {
      delete process.env.OTEL_SEMCONV_STABILITY_OPT_IN;
    }
    expect(await names({})).toEqual(stable);
  });

  it('time an embedding once, even where both are on', async () => {
    const provider = new Provider();
    buildMetrics({ generations: ['stable', 'latest'] }).sink(call({ operation: 'embeddings' }));
    expect((await provider.histogram('gen_ai.client.operation.duration')).map(({ count }) => count)).toEqual([1]);
    expect(await provider.histogram('gen_ai.client.inference.duration')).toEqual([]);
  });

  it('count by modality where the provider tells it, and take per-call histograms of completed calls only', async () => {
    const provider = new Provider();
    const { sink } = buildMetrics({ generations: ['latest'] });
    sink(call({ usage: { input: 100, output: 20, audioInput: 60, imageInput: 10 } }));
    sink(call({ usage: { input: 7 }, outcome: 'failed', errorType: '500' }));
    const found = await provider.collect();
    const input = found.get('gen_ai.client.inference.usage.input_tokens');
    const byModality = Object.fromEntries(
      (input ?? []).map(({ attributes, value }) => [attributes['gen_ai.token.modality'], value]),
    );
    expect(byModality).toEqual({ text: 30, audio: 60, image: 10, unknown: 7 });
    expect(sum(found.get('gen_ai.client.inference.operation.input_tokens'))).toBe(100);
  });
});

describe('sums', () => {
  it('are exact, whatever is added in whatever order', async () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 18n }), { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(amounts, async (picos) => {
        const provider = new Provider();
        const { sink } = build();
        for (const pico of picos) sink(call({ cost: { status: 'priced', pico, version: 'test', flags: [] } }));
        const exact = picos.reduce((total, pico) => total + pico, 0n);
        // The double next to the exact decimal, or its neighbour: one rounding of the sum, one of the quotient.
        const expected = Number(`${exact}e-12`);
        const reported = sum((await provider.collect()).get('tokenmeter.cost.usd'));
        expect(Math.abs(reported - expected)).toBeLessThanOrEqual(expected * Number.EPSILON);
      }),
      { numRuns: 30 },
    );
  });

  it('do not lose a small amount beside a great one', async () => {
    const provider = new Provider();
    const { sink } = build();
    const priced = (pico: bigint) => call({ cost: { status: 'priced', pico, version: 'test', flags: [] } });
    for (let i = 0; i < 1_000; i += 1) sink(priced(1n));
    sink(priced(10n ** 16n));
    for (let i = 0; i < 1_000; i += 1) sink(priced(1n));
    expect(sum((await provider.collect()).get('tokenmeter.cost.usd'))).toBe(10_000.000000002);
  });

  it('split tokens into types that add up to input and output', async () => {
    const tokens = fc.nat(1_000);
    const usages = fc.record({ a: tokens, b: tokens, c: tokens, d: tokens, e: tokens, f: tokens });
    await fc.assert(
      fc.asyncProperty(usages, async ({ a, b, c, d, e, f }) => {
        const provider = new Provider();
        const usage = {
          input: a + b + c + d,
          cacheRead: b,
          cacheWrite: c,
          cacheWrite1h: d,
          output: e + f,
          reasoning: f,
        };
        build().sink(call({ usage }));
        const points = (await provider.collect()).get('tokenmeter.tokens');
        const of = (type: string) => sum(points, { 'tokenmeter.token.type': type });
        expect([of('input'), of('cache_read'), of('cache_write'), of('output'), of('reasoning')]).toEqual([
          a,
          b,
          c + d,
          e,
          f,
        ]);
      }),
      { numRuns: 30 },
    );
  });
});

describe.each([
  ['cumulative', AggregationTemporality.CUMULATIVE],
  ['delta', AggregationTemporality.DELTA],
] as const)('with %s temporality', (_, temporality) => {
  /** What a backend holds after these collections of one process's one stream. */
  const held = (collections: readonly (readonly number[])[]): number =>
    collections
      .map((values) =>
        temporality === AggregationTemporality.DELTA ? values.reduce((a, b) => a + b, 0) : (values.at(-1) ?? 0),
      )
      .reduce((a, b) => a + b, 0);
  const calls = async (provider: Provider): Promise<number> => sum((await provider.collect()).get('tokenmeter.calls'));
  const cost = async (provider: Provider): Promise<number> =>
    sum((await provider.collect()).get('tokenmeter.cost.usd'));

  it('a provider that joins late is told everything once', async () => {
    const { sink, join } = build();
    sink(call());
    sink(call());
    const provider = new Provider(temporality);
    join();
    const first = await calls(provider);
    sink(call());
    expect(held([[first, await calls(provider), await calls(provider)]])).toBe(3);
  });

  it('providers that follow each other are told each call once, the ones between them included', async () => {
    const { sink } = build();
    const first = new Provider(temporality);
    for (let i = 0; i < 3; i += 1) sink(call());
    const before = [await cost(first)];
    sink(call());
    before.push(await cost(first));
    sink(call());
    const second = new Provider(temporality);
    sink(call());
    const after = [await cost(second)];
    sink(call());
    after.push(await cost(second));
    expect(held([before, after])).toBeCloseTo(0.07, 12);
    const old = await cost(first);
    expect(temporality === AggregationTemporality.DELTA ? old : old - (before.at(-1) ?? 0)).toBe(0);
  });
});

describe('cardinality', () => {
  const overflowed = (points: readonly { attributes: object }[]) =>
    points.filter(({ attributes }) => 'otel.metric.overflow' in attributes);
  const usage = { input: 15, cacheRead: 4, cacheWrite: 5, output: 5, reasoning: 2 };

  it('keeps the sums of 5,000 sets of 5 token types, models folding first', async () => {
    const provider = new Provider();
    const { sink } = build({ maxValuesPerKey: 10_000 });
    for (let i = 0; i < 5_000; i += 1) {
      const attribution = { feature: `feature-${i % 20}`, team: `team-${i % 4}`, environment: 'prod' };
      sink(call({ requestModel: `model-${i}`, responseModel: `model-${i}`, usage, attribution }));
    }
    const found = await provider.collect();
    for (const [name, points] of found) {
      expect(points.length, name).toBeLessThanOrEqual(1_900);
      expect(overflowed(points), name).toEqual([]);
    }
    const tokens = found.get('tokenmeter.tokens');
    const expected = { input: 6, cache_read: 4, cache_write: 5, output: 3, reasoning: 2 };
    for (const [type, each] of Object.entries(expected)) {
      expect(sum(tokens, { 'tokenmeter.token.type': type })).toBe(each * 5_000);
    }
    expect(sum(found.get('tokenmeter.calls'))).toBe(5_000);
    expect(sum(found.get('tokenmeter.cost.usd'))).toBeCloseTo(50, 8);
    expect(sum(found.get('tokenmeter.call.cost.usd'))).toBeCloseTo(50, 8);
    expect(sum(found.get('gen_ai.client.token.usage'))).toBe(20 * 5_000);
    for (let feature = 0; feature < 20; feature += 1) {
      expect(sum(tokens, { 'tokenmeter.feature': `feature-${feature}` })).toBe(20 * 250);
    }
    expect(sum(tokens, { 'gen_ai.request.model': '_other' })).toBeGreaterThan(0);
    expect(sum(found.get('tokenmeter.attributes.capped'))).toBeGreaterThan(0);
    expect(warnings.filter((text) => text.includes('tokenmeter.tokens reached'))).toHaveLength(1);
  });

  it('keeps the sums where everything is different in every call, errors too', async () => {
    const provider = new Provider();
    const { sink } = buildMetrics({
      generations: ['stable', 'latest'],
      maxValuesPerKey: 10_000,
      maxAttributeSets: 100,
      tenant: true,
    });
    const statuses = ['priced', 'free', 'estimated', 'unpriced', 'usage_unknown'] as const;
    const outcomes = ['completed', 'canceled', 'failed', 'abandoned'] as const;
    for (let i = 0; i < 2_000; i += 1) {
      const outcome = outcomes[i % 4] ?? 'failed';
      const odd = (key: string): string | undefined => (i % 3 === 0 ? undefined : `${key}-${i}`);
      sink(
        call({
          ...{ operation: `o${i}`, provider: `p${i}`, requestModel: odd('q'), responseModel: odd('r'), usage, outcome },
          ...{ serverAddress: odd('host'), serverPort: 1000 + i, timeToFirstChunk: 1 },
          errorType: outcome === 'failed' ? `E${i}` : undefined,
          attribution: { feature: `f${i}`, team: odd('t'), tenant: odd('n'), environment: odd('e') },
          cost: { status: statuses[i % 5] ?? 'priced', pico: 1_000_000n, version: 'test', flags: [] },
        }),
      );
    }
    const found = await provider.collect();
    for (const [name, points] of found) {
      expect(points.length, name).toBeLessThanOrEqual(100);
      expect(overflowed(points), name).toEqual([]);
      const ports = new Set(points.map(({ attributes }) => typeof attributes['server.port']));
      expect(ports.has('string'), name).toBe(false);
    }
    expect(sum(found.get('tokenmeter.calls'))).toBe(2_000);
    expect(sum(found.get('tokenmeter.calls'), { 'tokenmeter.outcome': 'failed' })).toBe(500);
    expect(sum(found.get('tokenmeter.calls'), { 'tokenmeter.cost.status': 'unpriced' })).toBe(400);
    expect(sum(found.get('tokenmeter.tokens'))).toBe(20 * 2_000);
    expect(sum(found.get('tokenmeter.cost.usd'))).toBeCloseTo(0.002, 12);
    expect(sum(found.get('gen_ai.client.inference.usage.output_tokens'))).toBe(5 * 2_000);
    expect(sum(found.get('gen_ai.client.inference.usage.input_tokens'))).toBe(15 * 2_000);
    expect(sum(found.get('gen_ai.client.operation.duration'))).toBe(1.5 * 2_000);
  });

  it('never shrinks a counter when the cap is reached', async () => {
    const provider = new Provider();
    const { sink } = build({ maxValuesPerKey: 10_000, maxAttributeSets: 100 });
    let before = new Map<string, number>();
    for (let round = 0; round < 10; round += 1) {
      for (let i = 0; i < 30; i += 1) sink(call({ requestModel: `model-${round * 30 + i}` }));
      const points = (await provider.collect()).get('tokenmeter.calls') ?? [];
      const now = new Map(points.map(({ attributes, value }) => [JSON.stringify(attributes), value]));
      for (const [key, value] of before) expect(now.get(key)).toBeGreaterThanOrEqual(value);
      before = now;
    }
  });

  it('caps the values of a key, warns once and counts what it replaces', async () => {
    const provider = new Provider();
    const { sink } = build();
    for (let i = 0; i < 250; i += 1) sink(call({ attribution: { feature: `user-${i}` } }));
    for (let i = 0; i < 250; i += 1) sink(call({ attribution: { feature: `user-${i}` } }));
    const found = await provider.collect();
    const features = new Set(found.get('tokenmeter.calls')?.map(({ attributes }) => attributes['tokenmeter.feature']));
    expect(features.size).toBe(201);
    expect(sum(found.get('tokenmeter.calls'), { 'tokenmeter.feature': '_other' })).toBe(100);
    expect(sum(found.get('tokenmeter.calls'))).toBe(500);
    expect(warnings.filter((text) => text.includes('tokenmeter.feature has more than 200'))).toHaveLength(1);
    const capped = found.get('tokenmeter.attributes.capped');
    expect(sum(capped, { 'tokenmeter.attribute': 'tokenmeter.feature' })).toBe(50);
    expect(capped).toContainEqual({ attributes: { 'tokenmeter.attribute': 'gen_ai.request.model' }, value: 0 });
  });

  it('can be raised with the limit of the provider', async () => {
    const provider = new Provider(AggregationTemporality.CUMULATIVE, {
      cardinalitySelector: () => 6_000,
    });
    const { sink } = build({ maxValuesPerKey: 10_000, maxAttributeSets: 5_900 });
    for (let i = 0; i < 4_000; i += 1) sink(call({ requestModel: `model-${i}` }));
    const calls = (await provider.collect()).get('tokenmeter.calls');
    expect(calls).toHaveLength(4_000);
    expect(sum(calls)).toBe(4_000);
  });
});

describe('health', () => {
  it('counts untested SDKs and failed alerts, and dates the price book, for the environment of the process', async () => {
    configureAttribution({ env: { TOKENMETER_ENVIRONMENT: 'staging' } });
    const provider = new Provider();
    const made = build({ priceBook: () => ({ version: '2026-11-01', timestamp: 1_793_491_200 }) });
    made.countUntestedSdk('openai', '99.0.0');
    made.countFailedAlerts('pagerduty', 0);
    made.countFailedAlerts('slack', 2);
    made.join();
    const found = await provider.collect();
    const environment = { 'deployment.environment.name': 'staging' };
    expect(found.get('tokenmeter.sdk.untested')).toEqual([
      { attributes: { ...environment, 'tokenmeter.sdk.name': 'openai', 'tokenmeter.sdk.version': '99.0.0' }, value: 1 },
    ]);
    expect(found.get('tokenmeter.alerts.failed')).toEqual([
      { attributes: { ...environment, 'tokenmeter.alert.channel': 'pagerduty' }, value: 0 },
      { attributes: { ...environment, 'tokenmeter.alert.channel': 'slack' }, value: 2 },
    ]);
    expect(found.get('tokenmeter.price_book.timestamp.seconds')).toEqual([
      { attributes: { ...environment, 'tokenmeter.price.version': '2026-11-01' }, value: 1_793_491_200 },
    ]);
  });
});

describe('the app', () => {
  it('never hears of a broken MeterProvider, and the counts survive it', async () => {
    metrics.setGlobalMeterProvider({
      getMeter: () => {
        throw new Error('broken provider');
      },
    });
    const { sink, join } = build();
    expect(() => sink(call())).not.toThrow();
    expect(() => sink(call())).not.toThrow();
    expect(warnings).toHaveLength(1);
    const provider = new Provider();
    join();
    expect(sum((await provider.collect()).get('tokenmeter.calls'))).toBe(2);
  });

  it('has one set of metrics, whichever build asks', () => {
    expect(createMetrics()).toBe(createMetrics({ tenant: true }));
  });
});
