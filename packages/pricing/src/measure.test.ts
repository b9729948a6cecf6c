import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMeasured, measure } from './measure.ts';
import { METER_INDEX, METERS, type MeterName } from './meters.ts';
import type { Usage } from './types.ts';

const INPUT_METERS: readonly MeterName[] = [
  'input',
  'cacheRead',
  'audioCacheRead',
  'imageCacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite30m',
  'cacheWrite1h',
  'cacheWrite12h',
  'audioInput',
  'imageInput',
  'videoInput',
];
const OUTPUT_METERS: readonly MeterName[] = ['output', 'reasoning', 'audioOutput', 'imageOutput', 'videoOutput'];

function quantities(usage: Usage): (name: MeterName) => number {
  const { quantities: q } = measure(usage, createMeasured());
  return (name) => q[METER_INDEX[name]] as number;
}

function total(usage: Usage, names: readonly MeterName[]): number {
  const of = quantities(usage);
  return names.reduce((sum, name) => sum + of(name), 0);
}

const tokens = fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined });
const anyUsage: fc.Arbitrary<Usage> = fc.record(
  Object.fromEntries([...INPUT_METERS, ...OUTPUT_METERS].map((name) => [name, tokens])),
);

test('every input and output token is in exactly one meter, however the details contradict', () => {
  fc.assert(
    fc.property(
      anyUsage,
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      (usage, input, output) => {
        const complete = { ...usage, input, output };
        expect(total(complete, INPUT_METERS)).toBe(input);
        expect(total(complete, OUTPUT_METERS)).toBe(output);
        const of = quantities(complete);
        for (const { name } of METERS) expect(of(name)).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

test('details that fit are kept as they are', () => {
  const of = quantities({
    input: 1000,
    cacheRead: 300,
    audioCacheRead: 100,
    cacheWrite1h: 200,
    audioInput: 250,
    output: 500,
    reasoning: 120,
    audioOutput: 80,
  });
  expect(of('cacheRead')).toBe(200);
  expect(of('audioCacheRead')).toBe(100);
  expect(of('cacheWrite1h')).toBe(200);
  // 250 audio tokens, 100 of them from the cache.
  expect(of('audioInput')).toBe(150);
  expect(of('input')).toBe(1000 - 300 - 200 - 150);
  expect(of('output')).toBe(300);
});

test('a total that is missing is the sum of its details, and said to be cut', () => {
  const measured = measure({ cacheRead: 10, cacheWrite: 5, reasoning: 7 }, createMeasured());
  expect(measured.prompt).toBe(15);
  expect(measured.quantities[METER_INDEX.reasoning]).toBe(7);
  expect(measured.clamped).toBe(true);
});

test('what is no quantity is named and not counted', () => {
  const garbage = { input: Number.NaN, output: -1, cacheRead: '5', images: Number.POSITIVE_INFINITY, pages: null };
  const measured = measure(garbage as unknown as Usage, createMeasured());
  expect(measured.invalid.sort()).toEqual(['cacheRead', 'images', 'input', 'output']);
  expect(measured.reported).toBe(false);
  expect([...measured.quantities].every((quantity) => quantity === 0)).toBe(true);
});

test('no meter is forgotten', () => {
  for (const { name } of METERS) {
    const measured = measure({ [name]: 5 }, createMeasured());
    expect(measured.quantities[METER_INDEX[name]], name).toBe(5);
    expect(measured.reported).toBe(true);
  }
});
