import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatUsd, multiply, PICO_PER_USD, picoToUsd, sumPico, usdToPico } from './money.ts';

const rate = fc.integer({ min: 0, max: 2_000_000_000 });

describe('multiply', () => {
  test('is exact for whole quantities of any size', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (r, q) => {
        expect(multiply(r, q)).toBe(BigInt(r) * BigInt(q));
      }),
    );
  });

  test('passes the limit of exact doubles', () => {
    const quantity = 9_007_199_254_741;
    expect(multiply(1001, quantity)).toBe(1001n * 9_007_199_254_741n);
  });

  test('takes fractions to a millionth and rounds half up', () => {
    // $0.006 a minute is 100,000,000 pico-dollars a second.
    expect(multiply(100_000_000, 12.5)).toBe(1_250_000_000n);
    expect(multiply(1, 0.5)).toBe(1n);
    expect(multiply(1, 0.499999)).toBe(0n);
  });
});

describe('sums', () => {
  test('keep a pico-dollar in a million dollars', () => {
    const million = 1_000_000n * PICO_PER_USD;
    const calls = Array.from({ length: 1000 }, (_, index) => million / 1000n + (index % 2 === 0 ? 1n : -1n));
    expect(sumPico(calls)).toBe(million);
    expect(sumPico([...calls, 1n])).toBe(million + 1n);
    expect(sumPico([...calls, 1n])).not.toBe(sumPico(calls));
    // The same in doubles loses it.
    expect(1e6 + 1e-12).toBe(1e6);
  });

  test('skip absent amounts', () => {
    expect(sumPico([1n, undefined, 2n])).toBe(3n);
  });
});

describe('decimal text', () => {
  test.each([
    [0n, 4, '0.0000'],
    [50_000_000n, 4, '0.0001'],
    [49_999_999n, 4, '0.0000'],
    [-50_000_000n, 4, '-0.0001'],
    [-1n, 4, '0.0000'],
    [1_234_567_890_123n, 12, '1.234567890123'],
    [1_500_000_000_000n, 0, '2'],
    [123_456_789_000_000_000_001n, 12, '123456789.000000000001'],
  ])('%s with %i places is %s', (pico, places, text) => {
    expect(formatUsd(pico, places)).toBe(text);
  });

  test('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (pico) => {
        expect(usdToPico(formatUsd(pico, 12))).toBe(pico);
      }),
    );
  });

  test.each([
    ['0.1', 100_000_000_000n],
    [0.1, 100_000_000_000n],
    [1e-7, 100_000n],
    ['2.5E-3', 2_500_000_000n],
    ['.5', 500_000_000_000n],
    ['0.0000000000005', 1n],
    ['', undefined],
    ['.', undefined],
    ['$1', undefined],
    ['1/2', undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
  ])('%s USD is %s pico-USD', (usd, pico) => {
    expect(usdToPico(usd)).toBe(pico);
  });

  test('a double is the nearest one', () => {
    expect(picoToUsd(25_000_000_000n)).toBe(0.025);
    expect(picoToUsd(123_456_789_123_456_789_123n)).toBe(123456789.12345679);
  });
});
