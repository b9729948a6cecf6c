import { describe, expect, test } from 'vitest';
import { price } from './default.ts';
import type { Cost } from './types.ts';

function at(iso: string, model: string = 'deepseek-v4-pro'): Cost {
  const report = { usage: { input: 1_000_000, output: 0 }, context: {}, flags: [] };
  return price({ provider: 'deepseek', requestModel: model, report, at: Date.parse(iso) });
}

const OFF_PEAK = 0.66;
const PEAK = 1.32;

describe('DeepSeek’s clock', () => {
  test.each([
    // Monday 2026-11-16: windows are half-open.
    ['2026-11-16T00:59:59Z', OFF_PEAK],
    ['2026-11-16T01:00:00Z', PEAK],
    ['2026-11-16T03:59:59Z', PEAK],
    ['2026-11-16T04:00:00Z', OFF_PEAK],
    ['2026-11-16T05:59:59Z', OFF_PEAK],
    ['2026-11-16T06:00:00Z', PEAK],
    ['2026-11-16T09:59:59Z', PEAK],
    ['2026-11-16T10:00:00Z', OFF_PEAK],
    // Friday, Saturday, Sunday.
    ['2026-11-20T07:00:00Z', PEAK],
    ['2026-11-21T07:00:00Z', OFF_PEAK],
    ['2026-11-22T07:00:00Z', OFF_PEAK],
    // National Day and Mid-Autumn Festival, on working days of the week.
    ['2026-10-01T07:00:00Z', OFF_PEAK],
    ['2026-09-25T07:00:00Z', OFF_PEAK],
    ['2026-10-08T07:00:00Z', PEAK],
    // The first week of the clock had no weekends: Saturday 2026-08-22 was a peak day, Sunday no more.
    ['2026-08-22T07:00:00Z', PEAK],
    ['2026-08-23T07:00:00Z', OFF_PEAK],
    ['2026-08-24T07:00:00Z', PEAK],
  ])('%s: $%d per 1M', (iso, usd) => {
    const cost = at(iso);
    expect(cost.usd).toBe(usd);
    expect(cost.variant).toBe(usd === PEAK ? 'peak' : undefined);
    expect(cost.status).toBe('priced');
  });

  test('it began at an instant', () => {
    expect(at('2026-08-16T15:59:59Z').usd).toBe(0.435);
    expect(at('2026-08-16T16:00:00Z').usd).toBe(OFF_PEAK);
  });

  test('peak hours past the known holidays are an estimate', () => {
    expect(at('2027-02-08T07:00:00Z')).toMatchObject({
      status: 'estimated',
      usd: PEAK,
      flags: ['schedule_unconfirmed'],
    });
    expect(at('2027-02-08T12:00:00Z')).toMatchObject({ status: 'priced', usd: OFF_PEAK });
  });

  test('the older clock has rates of its own', () => {
    expect(at('2025-06-01T16:29:59Z', 'deepseek-chat').usd).toBe(0.27);
    expect(at('2025-06-01T16:30:00Z', 'deepseek-chat').usd).toBe(0.135);
    expect(at('2025-06-01T00:30:00Z', 'deepseek-reasoner').usd).toBe(0.55);
    expect(at('2025-06-01T00:29:59Z', 'deepseek-reasoner').usd).toBe(0.135);
  });
});
