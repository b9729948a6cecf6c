/**
 * Guides to counting the cost of LLM calls print a table of USD per 1,000 tokens and a few rules. Whoever brings such a table
 * along pins it as prices of their own, and the rules hold: also where the table is out of date.
 */
import { describe, expect, test } from 'vitest';
import {
  createPricer,
  extractUsage,
  formatUsd,
  type PriceOverride,
  refuseUnknownModels,
  sumPico,
} from '../src/index.ts';

const AT = Date.parse('2026-03-15T12:00:00Z');

/** USD per 1,000 tokens, as text: input, output. Opus at a price that it never had, and an id that no API knows. */
const TABLE: Readonly<Record<string, readonly [provider: string, input: string, output: string]>> = {
  'gpt-4o': ['openai', '0.0025', '0.01'],
  'gpt-4o-mini': ['openai', '0.00015', '0.0006'],
  o1: ['openai', '0.015', '0.06'],
  'o3-mini': ['openai', '0.0011', '0.0044'],
  'claude-opus-4-5': ['anthropic', '0.015', '0.075'],
  'claude-sonnet-4-5': ['anthropic', '0.003', '0.015'],
  'claude-haiku-3-5': ['anthropic', '0.0008', '0.004'],
  'gemini-2.0-flash': ['google', '0.0001', '0.0004'],
};

/** 0.00015 per 1,000 is 0.15 per 1M: the point moves by three places. */
function perMillion(perThousand: string): string {
  return (Number(perThousand) * 1000).toFixed(4);
}

const overrides = Object.entries(TABLE).map(([model, [provider, input, output]]): PriceOverride => {
  return { provider, model, input: perMillion(input), output: perMillion(output), label: 'March 2026' };
});
const pricer = createPricer({ overrides });

function cost(provider: string, requestModel: string, input: number, output: number): ReturnType<typeof pricer.price> {
  return pricer.price({ provider, requestModel, report: { usage: { input, output }, context: {}, flags: [] }, at: AT });
}

/** `input / 1000 * rate + output / 1000 * rate` in whole pico-USD. */
function expected(input: number, output: number, [, rateIn, rateOut]: readonly [string, string, string]): bigint {
  const pico = (rate: string): bigint => BigInt(Math.round(Number(rate) * 1e9));
  return BigInt(input) * pico(rateIn) + BigInt(output) * pico(rateOut);
}

describe('a table of a guide, pinned', () => {
  test.each(Object.entries(TABLE))('%s costs what the table says', (model, row) => {
    for (const [input, output] of [
      [1000, 1000],
      [1, 0],
      [0, 1],
      [824_310, 192_440],
    ] as const) {
      const result = cost(row[0], model, input, output);
      expect(result.pico).toBe(expected(input, output, row));
      expect(result).toMatchObject({ status: 'priced', source: 'override' });
      expect(result.flags).toContain('override:March 2026');
    }
  });

  test('keeps the list price beside, where the table is out of date', () => {
    expect(cost('anthropic', 'claude-opus-4-5', 1_000_000, 0)).toMatchObject({ usd: 15, listUsd: 5 });
    expect(cost('openai', 'gpt-4o', 1_000_000, 0)).not.toHaveProperty('listUsd');
  });

  test('a 10,000-token prompt of gpt-4o is $0.025; the same usage on two models are two amounts', () => {
    expect(cost('openai', 'gpt-4o', 10_000, 0).usd).toBe(0.025);
    expect(formatUsd(cost('openai', 'gpt-4o', 824_310, 192_440).pico as bigint, 3)).toBe('3.985');
    expect(formatUsd(cost('openai', 'gpt-4o-mini', 824_310, 192_440).pico as bigint, 3)).toBe('0.239');
  });

  test('names resolve: a snapshot and a provider’s prefix do, a longer name of another model does not', () => {
    const usd = (model: string): number | undefined => cost('openai', model, 1_000_000, 0).usd;
    expect(usd('gpt-4o-2024-08-06')).toBe(2.5);
    expect(usd('openai/gpt-4o')).toBe(2.5);
    expect(usd('gpt-4o-mini')).toBe(0.15);
    expect(usd('gpt-4o-mini-2024-07-18')).toBe(0.15);
    expect(cost('openai', 'gpt-4o-nonsense', 1, 1).status).toBe('unpriced');
  });

  test('an id that no API knows may stand for one that it does', () => {
    const aliased = createPricer({ aliases: { 'claude-haiku-3-5': 'anthropic/claude-3-5-haiku' } });
    const report = { usage: { input: 1_000_000, output: 0 }, context: {}, flags: [] };
    const result = aliased.price({ provider: 'anthropic', requestModel: 'claude-haiku-3-5', report, at: AT });
    expect(result).toMatchObject({ usd: 0.8, match: 'alias', source: 'list' });
  });

  test('an unknown model is an error that names it and the fix before the call, and never $0 after it', () => {
    const error = refuseUnknownModels(pricer)({ provider: 'openai', requestModel: 'ChatOpenAI', startTime: AT });
    expect(error?.message).toMatch(/"ChatOpenAI".*prices\.overrides.*tokenmeter\.yaml/);
    const result = cost('openai', 'ChatOpenAI', 1000, 1000);
    expect(result.status).toBe('unpriced');
    expect(result).not.toHaveProperty('usd');
  });

  test('missing usage is no error and no $0', () => {
    const result = pricer.price({ provider: 'openai', requestModel: 'gpt-4o', at: AT });
    expect(result.status).toBe('usage_unknown');
    expect(result).not.toHaveProperty('usd');
  });

  test('cached tokens at half the price, where the table says so; details that are null are no error', () => {
    const half = createPricer({
      overrides: [{ provider: 'openai', model: 'gpt-4o', input: '2.50', cacheRead: '1.25', output: '10' }],
    });
    const of = (details: unknown): number | undefined => {
      const body = { usage: { prompt_tokens: 1000, completion_tokens: 0, prompt_tokens_details: details } };
      const report = extractUsage({ provider: 'openai', api: 'chat', body });
      return half.price({ provider: 'openai', requestModel: 'gpt-4o', report, at: AT }).usd;
    };
    expect(of({ cached_tokens: 800 })).toBe((200 * 2.5 + 800 * 1.25) / 1e6);
    expect(of(null)).toBe(0.0025);
    expect(of({ cached_tokens: null })).toBe(0.0025);
  });

  test('a million calls add up without drift', () => {
    const one = cost('openai', 'gpt-4o-mini', 1, 1).pico as bigint;
    expect(sumPico(Array.from({ length: 1_000_000 }, () => one))).toBe(one * 1_000_000n);
  });
});
