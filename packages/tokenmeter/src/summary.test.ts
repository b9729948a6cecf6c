import { describe, expect, it } from 'vitest';
import { money, renderSummary } from './summary.ts';
import type { FeatureTally } from './tally.ts';

const row = (feature: string, usd: number, statuses: FeatureTally['statuses']): FeatureTally => ({
  feature,
  calls: Object.values(statuses).reduce((sum, calls) => sum + calls, 0),
  input: 10,
  output: 5,
  pico: String(BigInt(Math.round(usd * 1e12))),
  statuses,
});

describe('money', () => {
  it.each([
    ['a known amount', [row('a', 1.23456, { priced: 1 })], '$1.2346'],
    ['an amount below what is shown', [row('a', 0.00001, { priced: 1 })], '<$0.0001'],
    ['nothing, known to be nothing', [row('a', 0, { free: 2 })], '$0.0000'],
    ['a part that is not known', [row('a', 2, { priced: 1, unpriced: 1 })], '$2.0000+'],
    ['no price at all', [row('a', 0, { unpriced: 1 })], 'not priced'],
    ['no usage at all', [row('a', 0, { usage_unknown: 1 })], 'cost unknown'],
  ])('%s', (_, rows, text) => {
    expect(money(rows)).toBe(text);
  });
});

describe('summary', () => {
  it('is silent without calls', () => {
    expect(renderSummary({ features: [], unpriced: {}, untagged: {} }, [])).toBeUndefined();
  });

  it('puts the dearest first, and says what is uncovered, untagged and next', () => {
    const text = renderSummary(
      {
        features: [
          row('cheap', 0.01, { priced: 1 }),
          row('dear', 3, { priced: 2, unpriced: 1 }),
          row('untagged', 1, { estimated: 1 }),
        ],
        unpriced: { 'openai/my-model': 1 },
        untagged: { 'src/spam.ts:12': 1 },
      },
      ['do this'],
    );
    const lines = text?.split('\n') ?? [];
    expect(lines[1]).toBe(' 5 calls · $4.0100+ · 2 features, 1 untagged');
    expect(lines[2]).toBe(' coverage: 1 estimated, 1 unpriced of 5 calls');
    expect(lines.slice(3, 6).map((line) => line.trim().split(/\s+/)[0])).toEqual(['dear', 'untagged', 'cheap']);
    expect(lines.slice(6)).toEqual([
      ' untagged: src/spam.ts:12 (1)',
      ' unpriced: openai/my-model (1)',
      ' → do this',
      '',
    ]);
  });

  it('names what it leaves out', () => {
    const features = Array.from({ length: 12 }, (_, n) => row(`f${n}`, n, { priced: 1 }));
    expect(renderSummary({ features, unpriced: {}, untagged: {} }, [])).toContain('and 4 more features');
  });
});
