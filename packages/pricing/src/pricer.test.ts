import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundledBook } from './book/bundled.ts';
import { decodeBook } from './book/decode.ts';
import type { EncodedBook } from './book/encoded.ts';
import type { Row } from './book/model.ts';
import { price } from './default.ts';
import { METERS } from './meters.ts';
import { sumPico } from './money.ts';
import { createPricer } from './pricer.ts';
import { SELLERS } from './sellers.ts';
import {
  COST_STATUSES,
  type Cost,
  type PriceContext,
  type PriceRequest,
  type Usage,
  type UsageReport,
} from './types.ts';

const AT = Date.parse('2026-11-20T12:00:00Z');

function report(usage: Usage, context: PriceContext = {}, more: Partial<UsageReport> = {}): UsageReport {
  return { usage, context, flags: [], ...more };
}

function call(provider: string, model: string, usage: Usage, context: PriceContext = {}, at: number = AT): Cost {
  return price({ provider, responseModel: model, report: report(usage, context), at });
}

const ROWS: readonly Row[] = bundledBook().sellers.flatMap((seller) => bundledBook().seller(seller)?.rows ?? []);
const PRICED = ROWS.filter((row) => row.periods.length > 0);

function provider(row: Row): string {
  return SELLERS.find((seller) => seller.id === row.seller)?.provider ?? row.seller;
}

function priceRow(row: Row, usage: Usage, at: number = AT): Cost {
  return createPricerOnce().price({ provider: provider(row), requestModel: row.model, report: report(usage), at });
}

const shared = createPricer();
function createPricerOnce(): typeof shared {
  return shared;
}

describe('amounts', () => {
  test('a 10k-token prompt of gpt-4o costs $0.025', () => {
    const cost = call('openai', 'gpt-4o', { input: 10_000, output: 0 });
    expect(cost).toMatchObject({
      status: 'priced',
      usd: 0.025,
      pico: 25_000_000_000n,
      source: 'list',
      rowId: 'openai/gpt-4o',
    });
  });

  test('cached tokens are billed once, at their own rate', () => {
    const cost = call('anthropic', 'claude-sonnet-4-6', {
      input: 1000,
      cacheRead: 600,
      cacheWrite5m: 100,
      cacheWrite1h: 200,
      output: 50,
    });
    // 100 fresh at $3, 600 read at $0.30, 100 written at $3.75, 200 at $6, 50 out at $15 per 1M.
    expect(cost.parts).toEqual({
      input: 300_000_000n,
      cacheRead: 180_000_000n,
      cacheWrite5m: 375_000_000n,
      cacheWrite1h: 1_200_000_000n,
      output: 750_000_000n,
    });
    expect(cost.cacheSavingsPico).toBe(600n * 2_700_000n);
  });

  test('a missing cache rate is the input rate, and says so', () => {
    const cost = call('openai', 'gpt-4-turbo', { input: 1000, cacheRead: 400, output: 0 });
    expect(cost.status).toBe('estimated');
    expect(cost.flags).toContain('missing_rate:cacheRead');
    expect(cost.pico).toBe(1000n * 10_000_000n);
    expect(cost.cacheSavingsPico).toBe(0n);
  });

  test('a meter without any rate leaves the call without an amount', () => {
    const cost = call('cohere', 'command-a', { input: 10, output: 10, webSearches: 1 });
    expect(cost.status).toBe('unpriced');
    expect(cost).not.toHaveProperty('pico');
    expect(cost.flags).toContain('unpriced:webSearches');
  });

  test('tools are billed beside tokens, also in a batch', () => {
    const cost = call(
      'anthropic',
      'claude-opus-5',
      { input: 1_000_000, output: 0, webSearches: 1000 },
      { batch: true },
    );
    expect(cost.usd).toBe(12.5);
    expect(cost.variant).toBe('batch');
  });

  test('usage under another model, or outside of the totals, is added at its own rates', () => {
    const additional = [
      { model: 'claude-haiku-4-5', usage: { input: 1000, output: 0 } },
      { usage: { input: 2000, output: 0 } },
    ];
    const whole = report({ input: 1000, output: 0 }, {}, { additional });
    const cost = price({ provider: 'anthropic', responseModel: 'claude-sonnet-4-6', report: whole, at: AT });
    expect(cost.pico).toBe(3000n * 3_000_000n + 1000n * 1_000_000n);
    const unknown = report({ input: 1000 }, {}, { additional: [{ model: 'who', usage: { input: 1 } }] });
    expect(price({ provider: 'anthropic', responseModel: 'claude-sonnet-4-6', report: unknown, at: AT }).status).toBe(
      'unpriced',
    );
  });
});

describe('the same for every row', () => {
  const sample = PRICED.filter((_, index) => index % 7 === 0);
  const quantity = fc.integer({ min: 0, max: 500_000 });
  const disjoint = fc.record({
    fresh: quantity,
    cacheRead: quantity,
    cacheWrite: quantity,
    output: quantity,
    reasoning: quantity,
    at: fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2027-06-01') }),
  });
  const usageOf = ({ fresh, cacheRead, cacheWrite, output, reasoning }: Record<string, number>): Usage => ({
    input: (fresh ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    cacheRead,
    cacheWrite,
    output: (output ?? 0) + (reasoning ?? 0),
    reasoning,
  });

  test('parts add up to the amount exactly', () => {
    fc.assert(
      fc.property(fc.constantFrom(...sample), disjoint, (row, vector) => {
        const cost = priceRow(row, usageOf(vector), vector.at);
        if (cost.pico !== undefined && cost.parts !== undefined)
          expect(sumPico(Object.values(cost.parts))).toBe(cost.pico);
        expect(cost.pico === undefined).toBe(cost.status === 'unpriced' || cost.status === 'usage_unknown');
      }),
      { numRuns: 500 },
    );
  });

  test('more of any meter never costs less', () => {
    const grown = fc.constantFrom('fresh', 'cacheRead', 'cacheWrite', 'output', 'reasoning');
    fc.assert(
      fc.property(
        fc.constantFrom(...sample),
        disjoint,
        grown,
        fc.integer({ min: 1, max: 100_000 }),
        (row, vector, name, more) => {
          const less = priceRow(row, usageOf(vector), vector.at).pico;
          const grownVector = { ...vector, [name]: vector[name as keyof typeof vector] + more };
          const cost = priceRow(row, usageOf(grownVector), vector.at);
          if (less !== undefined && cost.pico !== undefined) expect(cost.pico >= less).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('the amount alone is the same amount', () => {
    fc.assert(
      fc.property(fc.constantFrom(...sample), disjoint, (row, vector) => {
        const usage = usageOf(vector);
        const alone = shared.priceAmount(provider(row), row.model, usage, vector.at);
        expect(alone).toBe(priceRow(row, usage, vector.at).usd);
      }),
      { numRuns: 500 },
    );
  });

  test('around each long-context bound: one below, at, one above', () => {
    let bounds = 0;
    for (const row of PRICED) {
      const period = row.periods.find(({ from }) => from <= AT);
      for (const tier of period?.standard.tiers ?? []) {
        const highest = period?.standard.tiers.filter(({ at }) => at < tier.at).at(-1);
        const below = highest?.rates.perUnit[0] ?? period?.standard.rates.perUnit[0];
        const above = tier.rates.perUnit[0] as number;
        const rate = (prompt: number): Cost => priceRow(row, { input: prompt, output: 0 });
        expect(rate(tier.at - 1).pico).toBe(BigInt(below as number) * BigInt(tier.at - 1));
        expect(rate(tier.at).pico).toBe(BigInt(tier.inclusive ? above : (below as number)) * BigInt(tier.at));
        expect(rate(tier.at + 1).pico).toBe(BigInt(above) * BigInt(tier.at + 1));
        expect(rate(tier.at).flags.includes('ambiguous_boundary')).toBe(tier.ambiguous);
        bounds++;
      }
    }
    expect(bounds).toBeGreaterThan(50);
  });

  test('around the start of each period: the second before, the instant itself', () => {
    let starts = 0;
    for (const row of PRICED) {
      row.periods.forEach((period, index) => {
        if (period.from === Number.NEGATIVE_INFINITY) return;
        const at = priceRow(row, { input: 1000, output: 10 }, period.from);
        expect(at.effectiveFrom).toBe(period.effectiveFrom);
        const before = priceRow(row, { input: 1000, output: 10 }, period.from - 1000);
        const previous = row.periods[index + 1];
        if (previous === undefined) expect(before.status).toBe('unpriced');
        else expect(before.effectiveFrom).toBe(previous.effectiveFrom);
        starts++;
      });
    }
    expect(starts).toBeGreaterThan(20);
  });
});

describe('the whole request moves with its prompt', () => {
  test('cached tokens count towards the bound, and output moves, too', () => {
    const cost = call('openai', 'gpt-6-luna', { input: 272_001, cacheRead: 272_000, output: 1000 });
    expect(cost.tier).toBe('>272000');
    expect(cost.parts).toEqual({ input: 200_000n, cacheRead: 272_000n * 20_000n, output: 1000n * 750_000n });
  });

  test('a sum of several requests moves with their average, and says where that is a guess', () => {
    const sum = (input: number, requests: number) => call('openai', 'gpt-6-luna', { input, output: 0, requests });
    const one = call('openai', 'gpt-6-luna', { input: 1000, output: 0 });
    expect(sum(100_000, 3)).toMatchObject({ status: 'priced', tier: undefined, pico: (one.pico ?? 0n) * 100n });
    // Below the bound on average, above it in sum.
    expect(sum(300_000, 3)).toMatchObject({ status: 'estimated', tier: undefined, pico: (one.pico ?? 0n) * 300n });
    expect(sum(300_000, 3).flags).toContain('tier_of_average');
    expect(sum(900_000, 3)).toMatchObject({ tier: '>272000' });
  });

  test('an announced price applies from its day on', () => {
    const at = (iso: string): number | undefined =>
      call('gcp.gemini', 'gemini-3.8-flash', { input: 1_000_000, output: 0 }, {}, Date.parse(iso)).usd;
    expect(at('2026-12-31T23:59:59Z')).toBe(0.75);
    expect(at('2027-01-01T00:00:00Z')).toBe(1.5);
  });
});

describe('variants', () => {
  test.each<[string, string, PriceContext, number, string | undefined]>([
    ['openai', 'gpt-4o', { serviceTier: 'default' }, 2.5, undefined],
    ['openai', 'gpt-4o', { serviceTier: 'priority' }, 4.25, 'priority'],
    ['openai', 'gpt-5-nano', { serviceTier: 'flex' }, 0.025, 'flex'],
    ['openai', 'gpt-6-sol', { geo: 'eu' }, 2.2, 'eu'],
    ['anthropic', 'claude-opus-5-5', { speed: 'fast' }, 8, 'fast'],
    ['anthropic', 'claude-opus-5-5', { geo: 'us', batch: true }, 2.2, 'batch+us'],
    ['anthropic', 'claude-opus-5-5', { geo: 'not_available', speed: 'standard' }, 4, undefined],
    ['gcp.gemini', 'gemini-3.8-flash', { serviceTier: 'ON_DEMAND_PRIORITY' }, 1.35, 'priority'],
    ['gcp.vertex_ai', 'claude-sonnet-4-6', { region: 'europe-west1' }, 3.3, 'regional'],
    ['gcp.vertex_ai', 'claude-sonnet-4-6', { region: 'global' }, 3, undefined],
    ['gcp.vertex_ai', 'gemini-2.5-flash', { region: 'europe-west1' }, 0.3, undefined],
    ['x_ai', 'grok-4.3', { batch: true }, 1, 'batch'],
  ])('%s %s %j is $%d per 1M', (name, model, context, usd, variant) => {
    // 100,000 tokens: below every long-context bound.
    const cost = call(name, model, { input: 100_000, output: 0 }, context);
    expect(cost.usd).toBeCloseTo(usd / 10, 12);
    expect(cost.variant).toBe(variant);
    expect(cost.status).toBe('priced');
  });

  test.each<[string, PriceContext]>([
    ['gpt-4o', { serviceTier: 'flex' }],
    ['gpt-4o', { serviceTier: 'scale' }],
    ['gpt-4o', { geo: 'eu' }],
    ['gpt-5.5', { serviceTier: 'priority', geo: 'eu' }],
  ])('%s %j is published nowhere: estimated, not invented', (model, context) => {
    const cost = call('openai', model, { input: 1000, output: 0 }, context);
    expect(cost.status).toBe('estimated');
    expect(cost.flags).toContain('variant_unpublished');
  });

  test('priority has no long-context rates on gpt-5.5: the standard ones, as an estimate', () => {
    const cost = call('openai', 'gpt-5.5', { input: 300_000, output: 0 }, { serviceTier: 'priority' });
    expect(cost).toMatchObject({ status: 'estimated', tier: '>272000', pico: 300_000n * 10_000_000n });
    expect(cost.flags).toContain('variant_unpublished');
  });

  test('what the response states wins over what was asked for', () => {
    const request: PriceRequest = {
      provider: 'openai',
      responseModel: 'gpt-4o',
      report: report({ input: 1000, output: 0 }, { serviceTier: 'default' }),
      context: { serviceTier: 'priority' },
      at: AT,
    };
    expect(price(request).usd).toBe(0.0025);
  });

  test('a search fee follows the size of the search', () => {
    const fee = (context: PriceContext): Cost => call('perplexity', 'sonar', { input: 0, output: 0 }, context);
    expect(fee({ searchContextSize: 'low' })).toMatchObject({ usd: 0.005, status: 'priced' });
    expect(fee({ searchContextSize: 'high' })).toMatchObject({ usd: 0.012, status: 'priced' });
    expect(fee({}).status).toBe('estimated');
  });
});

describe('status', () => {
  const base = { provider: 'openai', responseModel: 'gpt-4o', at: AT } as const;

  test('without a report, or with an empty one, usage is unknown', () => {
    expect(price(base)).toMatchObject({ status: 'usage_unknown', rowId: 'openai/gpt-4o' });
    expect(price({ ...base, report: report({}) }).status).toBe('usage_unknown');
    expect(price({ ...base, httpStatus: 500 })).not.toHaveProperty('pico');
  });

  test.each([400, 401, 403, 404, 422, 429, 503, 529])('HTTP %i was refused: free', (httpStatus) => {
    expect(price({ ...base, httpStatus })).toMatchObject({ status: 'free', pico: 0n, usd: 0, flags: ['refused'] });
  });

  test.each([408, 460, 499, 500, 502, 504])('HTTP %i may have been billed', (httpStatus) => {
    expect(price({ ...base, httpStatus }).status).toBe('usage_unknown');
  });

  test('estimated usage makes an estimate', () => {
    expect(price({ ...base, report: report({ input: 10 }), usageEstimated: true }).status).toBe('estimated');
  });

  test('a vector that contradicts itself makes an estimate', () => {
    const cost = price({ ...base, report: report({ input: 10, cacheRead: 20, output: 0 }) });
    expect(cost).toMatchObject({ status: 'estimated', pico: 10n * 1_250_000n });
    expect(cost.flags).toContain('usage_clamped');
  });

  test('free models cost nothing, known or unknown their usage', () => {
    expect(price({ provider: 'openai', requestModel: 'omni-moderation-latest', at: AT })).toMatchObject({
      status: 'free',
      pico: 0n,
    });
    expect(call('gcp.gemini', 'gemma-3-27b-it', { input: 100, output: 5 })).toMatchObject({ status: 'free', usd: 0 });
  });

  test('unknown models and known ones without a price have no amount', () => {
    for (const cost of [call('openai', 'gpt-99', { input: 5 }), call('openai', 'gpt-6-cyber', { input: 5 })]) {
      expect(cost.status).toBe('unpriced');
      expect(cost).not.toHaveProperty('usd');
    }
  });

  test('what an SDK calls OpenAI is priced by who is at the host', () => {
    const at = (host: string, model: string): Cost =>
      price({ provider: 'openai', host, requestModel: model, report: report({ input: 1000, output: 0 }), at: AT });
    expect(at('api.groq.com', 'llama-3.3-70b-versatile').rowId).toBe('groq/llama-3.3-70b-versatile');
    expect(at('api.deepinfra.com', 'gpt-4o').status).toBe('unpriced');
    expect(at('localhost', 'gpt-4o').rowId).toBe('openai/gpt-4o');
    expect(at('gateway.example.com', 'gpt-4o').flags).toContain('host_unknown');
    expect(at('localhost', 'llama3.2').status).toBe('unpriced');
    expect(at('localhost', 'gpt-oss-120b').status).toBe('unpriced');
  });

  test('a local runtime on one’s own machine is free, anywhere else unpriced', () => {
    const at = (host?: string): Cost =>
      price({ provider: 'ollama', host, requestModel: 'llama3.2', report: report({ input: 5 }), at: AT });
    expect(at('127.0.0.1')).toMatchObject({ status: 'free', rowId: 'local/llama3.2' });
    expect(at('gpu.example.com').status).toBe('unpriced');
    expect(at().status).toBe('unpriced');
  });

  test('OpenRouter’s list is an estimate; what it reports is the price', () => {
    const request = { provider: 'openrouter', responseModel: 'openai/gpt-4o-mini', at: AT } as const;
    const usage = report({ input: 1000, output: 0 });
    expect(price({ ...request, report: usage }).status).toBe('estimated');
    const billed = price({ ...request, report: { ...usage, reportedCost: { usd: 0.0123, field: 'usage.cost' } } });
    expect(billed).toMatchObject({
      status: 'priced',
      source: 'provider',
      pico: 12_300_000_000n,
      listPico: 150_000_000n,
    });
    expect(billed.parts).toBeUndefined();
    const free = price({ ...request, report: { ...usage, reportedCost: { usd: 0, field: 'usage.cost' } } });
    expect(free).toMatchObject({ status: 'free', pico: 0n });
    const wrong = price({ ...request, report: { ...usage, reportedCost: { usd: -1, field: 'usage.cost' } } });
    expect(wrong).toMatchObject({ status: 'estimated', source: 'list' });
  });

  test('Azure without rows of its own is estimated by OpenAI’s', () => {
    const cost = call('azure.ai.openai', 'gpt-3.5-turbo-instruct', { input: 1000, output: 0 });
    expect(cost).toMatchObject({ status: 'estimated', rowId: 'openai/gpt-3.5-turbo-instruct', match: 'alias' });
  });
});

describe('never throws', () => {
  const names = [...METERS.map((meter) => meter.name as string), 'other'];
  const junk = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.bigInt(),
    fc.constant({}),
  );
  const junkUsage = fc.dictionary(fc.constantFrom(...names), junk);

  test('on any usage and context', () => {
    fc.assert(
      fc.property(
        junkUsage,
        fc.dictionary(fc.constantFrom('serviceTier', 'batch', 'geo', 'region', 'speed'), junk),
        junk,
        (usage, context, at) => {
          const cost = price({
            provider: 'openai',
            responseModel: 'gpt-5.5',
            report: { usage, context, flags: [] } as never,
            at: at as never,
          });
          expect(COST_STATUSES).toContain(cost.status);
          expect(() =>
            shared.priceAmount('openai', 'gpt-5.5', usage as never, at as never, context as never),
          ).not.toThrow();
          if (cost.pico !== undefined) expect(cost.pico >= 0n).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('on any request', () => {
    const anything = fc.oneof(junk, fc.object(), fc.array(junk));
    const keys = [
      'provider',
      'host',
      'requestModel',
      'responseModel',
      'report',
      'context',
      'at',
      'httpStatus',
      'usageEstimated',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), anything), (request) => {
        expect(COST_STATUSES).toContain(price(request as never).status);
      }),
      { numRuns: 1000 },
    );
    for (const request of [null, undefined, 5, 'x']) expect(price(request as never).status).toBe('usage_unknown');
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(price(hostile as never).status).toBe('usage_unknown');
  });
});

describe('books', () => {
  const encoded: EncodedBook = {
    schema: 1,
    date: '2027-01-01',
    version: '2027-01-01.test',
    origins: ['test'],
    urls: [],
    reasons: [],
    calendars: {},
    schedules: {},
    variants: {},
    periods: [{ r: { input: 1, output: 1 } }],
    sellers: { openai: { rows: [['gpt-4o', [0]]] } },
  };
  const other = decodeBook(encoded, () => encoded);

  test('are taken over as a whole', () => {
    const pricer = createPricer();
    const request: PriceRequest = {
      provider: 'openai',
      requestModel: 'gpt-4o',
      report: report({ input: 1000, output: 0 }),
      at: AT,
    };
    expect(pricer.price(request).usd).toBe(0.0025);
    pricer.use(other);
    expect(pricer.price(request)).toMatchObject({ usd: 0.001, version: '2027-01-01.test' });
    expect(pricer.priceAmount('openai', 'gpt-4o', { input: 1000, output: 0 }, AT)).toBe(0.001);
    expect(pricer).toMatchObject({ version: '2027-01-01.test', bookDate: '2027-01-01' });
  });

  test('say what they know before a call', () => {
    const pricer = createPricer({ aliases: { 'azure/dep': 'openai/gpt-4o' } });
    const knows = (name: string, requestModel: string): boolean =>
      pricer.knows({ provider: name, requestModel, at: AT });
    expect(knows('openai', 'gpt-4o')).toBe(true);
    expect(knows('azure.ai.openai', 'dep')).toBe(true);
    expect(knows('openai', 'gpt-99')).toBe(false);
    expect(knows('openai', 'gpt-6-cyber')).toBe(false);
    expect(
      pricer.knows({ provider: 'openai', requestModel: 'gpt-6.1-terra', at: Date.parse('2026-10-25T23:59:59Z') }),
    ).toBe(false);
  });
});
