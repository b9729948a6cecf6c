import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { picoOf, spanAttributes, usdOf } from './attributes.ts';
import { toOtlp } from './otlp/encode.ts';
import { aCall, anyCall } from './records.fixture.ts';
import { fromOtlp } from './store/reader.ts';

describe('CallRecord ⇄ OTLP', () => {
  it('gives every record back', () => {
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 3 }), (calls) => {
        expect(fromOtlp(toOtlp(calls, {}))).toStrictEqual(calls);
      }),
    );
  });

  it('gives every record back from a resource that says the same', () => {
    fc.assert(
      fc.property(anyCall, (call) => {
        const service = 'shop-api';
        const environment = 'production';
        const here = { ...call, service, attribution: { ...call.attribution, environment } };
        const elsewhere = { ...call, service: 'x', attribution: { ...call.attribution, environment: 'y' } };
        const line = toOtlp([here, elsewhere], {
          'service.name': service,
          'deployment.environment.name': environment,
        });
        expect(fromOtlp(line)).toStrictEqual([here, elsewhere]);
        expect(line.split('production')).toHaveLength(2);
      }),
    );
  });

  it('keeps amounts exact to the pico-USD up to $2,000 per call', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2_000_000_000_000_000n }), (pico) => picoOf(usdOf(pico)) === pico),
      { numRuns: 20_000 },
    );
  });
});

describe('spanAttributes', () => {
  it('has no attribute for an amount that is not known', () => {
    const call = aCall({ cost: { status: 'unpriced', pico: undefined, usd: undefined } });
    const attributes = spanAttributes(call, ['stable']);
    expect(attributes['tokenmeter.cost.status']).toBe('unpriced');
    expect(Object.keys(attributes)).not.toContain('tokenmeter.cost.usd');
  });

  it('spells the sum of cache writes as the generation does, and the reader takes either spelling', () => {
    const call = aCall({ usage: { input: 100, output: 1, cacheWrite5m: 10, cacheWrite1h: 20 } });
    const old = 'gen_ai.usage.cache_creation.input_tokens';
    const latest = 'gen_ai.usage.cache_write.input_tokens';
    expect(spanAttributes(call, ['stable'])).toMatchObject({ [old]: 30 });
    expect(spanAttributes(call, ['stable'])).not.toHaveProperty([latest]);
    expect(spanAttributes(call, ['latest'])).toMatchObject({ [latest]: 30 });
    expect(spanAttributes(call, ['latest'])).not.toHaveProperty([old]);
    expect(spanAttributes(call, ['stable', 'latest'])).toMatchObject({ [old]: 30, [latest]: 30 });

    const foreign = toOtlp([{ ...call, usage: { input: 100 } }], {});
    for (const name of [old, latest]) {
      const line = foreign.replace(
        '"attributes":[{"key":"gen',
        `"attributes":[{"key":"${name}","value":{"intValue":"30"}},{"key":"gen`,
      );
      expect(fromOtlp(line)[0]?.usage).toEqual({ input: 100, cacheWrite: 30 });
    }
  });

  it('uses the names of the contract', () => {
    const call = aCall({
      stream: true,
      timeToFirstChunk: 1500,
      usage: { input: 10, output: 5, cacheRead: 4, reasoning: 3, webSearches: 2 },
      attribution: {
        user: 'u_42',
        session: 's_1',
        team: 'search',
        tenant: 'acme',
        route: '/search',
        extra: { plan: 'pro' },
      },
    });
    expect(spanAttributes(call, ['stable'])).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk': 1.5,
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 5,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.reasoning.output_tokens': 3,
      'tokenmeter.usage.webSearches': 2,
      'tokenmeter.usage.source': 'provider',
      'tokenmeter.outcome': 'completed',
      'tokenmeter.feature': 'rag-search',
      'tokenmeter.team': 'search',
      'tokenmeter.tenant': 'acme',
      'tokenmeter.route': '/search',
      'user.id': 'u_42',
      'session.id': 's_1',
      'tokenmeter.attribution.plan': 'pro',
      'tokenmeter.cost.usd': 0.00021,
      'tokenmeter.cost.status': 'priced',
      'tokenmeter.price.version': '2026-11-20',
    });
  });
});
