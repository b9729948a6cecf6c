import { describe, expect, test } from 'vitest';
import { createPricer } from '../pricer.ts';
import type { Cost, Usage } from '../types.ts';
import { type PriceSettings, PriceSettingsError, type PriceSettingsIssue } from './types.ts';

const AT = Date.parse('2026-11-20T12:00:00Z');

function priceWith(
  settings: PriceSettings,
  model: string,
  usage: Usage,
  provider: string = 'openai',
  at: number = AT,
): Cost {
  return createPricer(settings).price({ provider, requestModel: model, report: { usage, context: {}, flags: [] }, at });
}

function issuesOf(settings: unknown): readonly PriceSettingsIssue[] {
  try {
    createPricer(settings as PriceSettings);
  } catch (error) {
    if (error instanceof PriceSettingsError) return error.issues;
    throw error;
  }
  return [];
}

describe('prices of one’s own', () => {
  const overrides = [
    {
      provider: 'openai',
      model: 'gpt-4o',
      input: '2.00',
      output: 8,
      from: '2026-11-01',
      until: '2026-12-01',
      label: 'contract',
    },
  ];

  test('replace the list price and keep it beside', () => {
    const cost = priceWith({ overrides }, 'gpt-4o-2024-08-06', { input: 1000, output: 100 });
    expect(cost).toMatchObject({
      status: 'priced',
      source: 'override',
      pico: 1000n * 2_000_000n + 100n * 8_000_000n,
      listPico: 1000n * 2_500_000n + 100n * 10_000_000n,
      effectiveFrom: '2026-11-01T00:00:00.000Z',
      flags: ['override:contract'],
    });
  });

  test('apply within their dates, to the instant', () => {
    const at = (iso: string): string | undefined =>
      priceWith({ overrides }, 'gpt-4o', { input: 1 }, 'openai', Date.parse(iso)).source;
    expect(at('2026-10-31T23:59:59.999Z')).toBe('list');
    expect(at('2026-11-01T00:00:00Z')).toBe('override');
    expect(at('2026-11-30T23:59:59.999Z')).toBe('override');
    expect(at('2026-12-01T00:00:00Z')).toBe('list');
  });

  test('bill cached tokens once, by the same engine', () => {
    const cost = priceWith({ overrides }, 'gpt-4o', { input: 1000, cacheRead: 400, output: 0 });
    expect(cost.parts).toEqual({ input: 600n * 2_000_000n, cacheRead: 400n * 2_000_000n });
    expect(cost).toMatchObject({ status: 'estimated', flags: ['missing_rate:cacheRead', 'override:contract'] });
  });

  test('give a price to a model that has none, at any provider', () => {
    const own = { overrides: [{ model: 'llama-3.3-70b', input: 0.1, output: 0.2 }] };
    expect(priceWith(own, 'llama-3.3-70b', { input: 10, output: 10 }, 'acme')).toMatchObject({
      status: 'priced',
      pico: 3_000_000n,
      rowId: 'acme/llama-3.3-70b',
    });
    expect(priceWith(own, 'llama-3.3-8b', { input: 10 }, 'acme').status).toBe('unpriced');
  });

  test('of nothing are free', () => {
    const own = { overrides: [{ model: 'my-llama', input: 0, output: 0 }] };
    expect(priceWith(own, 'my-llama', { input: 10, output: 10 })).toMatchObject({ status: 'free', pico: 0n });
  });

  test('do not touch other models', () => {
    expect(priceWith({ overrides }, 'gpt-4o-mini', { input: 1 }).source).toBe('list');
  });
});

test('a table of another date can be pinned: every model then costs what the table says', () => {
  const table: readonly (readonly [provider: string, model: string, input: string, output: string])[] = [
    ['openai', 'gpt-4o', '2.50', '10.00'],
    ['openai', 'gpt-4o-mini', '0.15', '0.60'],
    ['openai', 'gpt-4.1', '2.00', '8.00'],
    ['anthropic', 'claude-opus-4-5', '15.00', '75.00'],
    ['anthropic', 'claude-sonnet-4-5', '3.00', '15.00'],
    ['anthropic', 'claude-haiku-3-5', '0.80', '4.00'],
    ['gcp.gemini', 'gemini-2.5-pro', '1.25', '10.00'],
    ['gcp.gemini', 'gemini-2.5-flash', '0.30', '2.50'],
  ];
  const overrides = table.map(([provider, model, input, output]) => ({ provider, model, input, output }));
  for (const [provider, model, input, output] of table) {
    const cost = priceWith({ overrides }, model, { input: 1_000_000, output: 1_000_000 }, provider);
    // Cents, so that the expectation needs no fractions.
    const cents = Math.round(Number(input) * 100) + Math.round(Number(output) * 100);
    expect(cost.pico, model).toBe(BigInt(cents) * 10_000_000_000n);
    expect(cost.source).toBe('override');
  }
  const ten = priceWith({ overrides }, 'gpt-4o', { input: 10_000, output: 0 });
  expect(ten.usd).toBe(0.025);
});

describe('discounts', () => {
  const usage = { input: 1000, cacheRead: 400, output: 100 };

  test('take their part off and keep the list price', () => {
    const cost = priceWith({ discounts: { anthropic: '25%' } }, 'claude-sonnet-4-6', usage, 'anthropic');
    const list = 600n * 3_000_000n + 400n * 300_000n + 100n * 15_000_000n;
    expect(cost).toMatchObject({ source: 'override', listPico: list, pico: (list * 3n) / 4n });
    expect(Object.values(cost.parts ?? {}).reduce((sum, part) => sum + part, 0n)).toBe(cost.pico);
    expect(priceWith({ discounts: { anthropic: '25%' } }, 'gpt-4o', usage).source).toBe('list');
  });

  test('the most specific one applies, alone', () => {
    const discounts = [
      { percent: 50, meter: 'output' as const },
      { percent: 10, provider: 'openai', model: 'gpt-4o', label: 'gpt' },
      { percent: 5, provider: 'openai' },
    ];
    const cost = priceWith({ discounts }, 'gpt-4o', { input: 1000, output: 1000 });
    expect(cost.parts).toEqual({ input: 1000n * 2_250_000n, output: 1000n * 5_000_000n });
    expect(cost.flags).toEqual(['discount:gpt']);
  });

  test('end on their day', () => {
    const discounts = [{ percent: '12.5%', provider: 'openai', until: '2026-11-20T12:00:00Z' }];
    expect(priceWith({ discounts }, 'gpt-4o', usage, 'openai', AT - 1).source).toBe('override');
    expect(priceWith({ discounts }, 'gpt-4o', usage, 'openai', AT).source).toBe('list');
  });

  test('leave what the provider itself reports alone', () => {
    const report = { usage, context: {}, flags: [], reportedCost: { usd: 0.01, field: 'usage.cost' } };
    const pricer = createPricer({ discounts: { openai: 50 } });
    expect(pricer.price({ provider: 'openai', requestModel: 'gpt-4o', report, at: AT })).toMatchObject({
      usd: 0.01,
      source: 'provider',
    });
  });

  test('reach the amount alone, too', () => {
    const pricer = createPricer({ discounts: { openai: 50 } });
    expect(pricer.priceAmount('openai', 'gpt-4o', { input: 1000, output: 0 }, AT)).toBe(0.00125);
  });
});

describe('aliases', () => {
  test('come before everything else', () => {
    const aliases = { 'azure.ai.openai/gpt-4o': 'openai/gpt-4o-mini', 'My-Proxy-Model': 'anthropic/claude-sonnet-4-6' };
    expect(priceWith({ aliases }, 'gpt-4o', { input: 1 }, 'azure')).toMatchObject({
      rowId: 'openai/gpt-4o-mini',
      match: 'alias',
    });
    expect(priceWith({ aliases }, 'my-proxy-model', { input: 1 }, 'openai').rowId).toBe('anthropic/claude-sonnet-4-6');
    expect(priceWith({ aliases }, 'gpt-4o', { input: 1 }, 'openai').rowId).toBe('openai/gpt-4o');
  });
});

describe('what would give wrong money is refused, with its place and a hint', () => {
  test.each<[string, PriceSettings | object, (string | number)[], RegExp]>([
    ['over $1,000', { overrides: [{ model: 'm', input: 2500 }] }, ['overrides', 0, 'input'], /USD per 1M tokens/],
    ['per token', { overrides: [{ model: 'm', input: '0.0000025' }] }, ['overrides', 0, 'input'], /write 2\.5$/],
    [
      'per 1K tokens',
      { overrides: [{ provider: 'openai', model: 'gpt-4o', output: 0.01 }] },
      ['overrides', 0, 'output'],
      /1K tokens\?/,
    ],
    [
      'cents',
      { overrides: [{ provider: 'openai', model: 'gpt-4o-mini', input: 15.5 }] },
      ['overrides', 0, 'input'],
      /cents\?/,
    ],
    ['a currency', { overrides: [{ model: 'm', input: '$2.50' }] }, ['overrides', 0, 'input'], /plain number/],
    ['negative', { overrides: [{ model: 'm', input: -1 }] }, ['overrides', 0, 'input'], /discounts/],
    [
      'a misspelt meter',
      { overrides: [{ model: 'm', inputs: 1, input: 1 }] },
      ['overrides', 0, 'inputs'],
      /Allowed: .*cacheRead/,
    ],
    ['no rate', { overrides: [{ model: 'm' }] }, ['overrides', 0], /USD per 1M/],
    ['no model', { overrides: [{ input: 1 }] }, ['overrides', 0, 'model'], /gpt-4o/],
    [
      'an unknown provider',
      { overrides: [{ provider: 'openia', model: 'm', input: 1 }] },
      ['overrides', 0, 'provider'],
      /leave it out/,
    ],
    ['no date', { overrides: [{ model: 'm', input: 1, from: 'soon' }] }, ['overrides', 0, 'from'], /ISO 8601/],
    [
      'an empty span',
      { overrides: [{ model: 'm', input: 1, from: '2026-02-01', until: '2026-01-01' }] },
      ['overrides', 0, 'until'],
      /exclusive/,
    ],
    ['no list', { overrides: { model: 'm' } }, ['overrides'], /dash/],
    ['no entry', { overrides: ['m'] }, ['overrides', 0], /provider, model and rates/],
    ['over 100 %', { discounts: { openai: '120%' } }, ['discounts', 'openai', 'percent'], /0% to 100%/],
    ['no meter', { discounts: [{ percent: 5, meter: 'tokens' }] }, ['discounts', 0, 'meter'], /Allowed/],
    ['an alias to nowhere', { aliases: { a: 'gpt-4o' } }, ['aliases', 'a'], /provider\/model/],
  ])('%s', (_, settings, path, hint) => {
    const issue = issuesOf(settings).find((candidate) => JSON.stringify(candidate.path) === JSON.stringify(path));
    expect(issue?.hint).toMatch(hint);
  });

  test('all of it at once', () => {
    expect(issuesOf({ overrides: [{ model: 'm', input: 5000, output: -2 }], discounts: { openai: 'x' } })).toHaveLength(
      3,
    );
  });
});
