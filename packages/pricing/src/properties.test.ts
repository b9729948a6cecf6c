/** What holds for every row of the book, every set of rates and every meter. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bundledBook } from './book/bundled.ts';
import type { Period, RateSet, Row } from './book/model.ts';
import { createMeasured, measure } from './measure.ts';
import { METER_INDEX, METERS, type MeterName } from './meters.ts';
import { createPricer } from './pricer.ts';
import { select } from './select.ts';
import { SELLERS } from './sellers.ts';
import type { Cost, Usage, UsageReport } from './types.ts';
import { anthropicMessages } from './usage/anthropic.ts';
import { STANDARD, variantCode } from './variant.ts';

const ROWS: readonly Row[] = bundledBook().sellers.flatMap((seller) => bundledBook().seller(seller)?.rows ?? []);
const PRICED = ROWS.filter((row) => row.periods.length > 0);
const SAMPLE = PRICED.filter((_, index) => index % 5 === 0);
const pricer = createPricer();

function price(row: Row, report: UsageReport, at: number): Cost {
  const provider = SELLERS.find((seller) => seller.id === row.seller)?.provider ?? row.seller;
  return pricer.price({ provider, requestModel: row.model, report, at });
}

function reportOf(usage: Usage): UsageReport {
  return { usage, context: {}, flags: [] };
}

const NAMES: readonly MeterName[] = METERS.map(({ name }) => name);
const TOKENS: readonly MeterName[] = METERS.filter(({ unit }) => unit === 'million tokens').map(({ name }) => name);
const INPUT_SIDE = TOKENS.filter((name) => /^input$|Input$|^cache|CacheRead$/.test(name));
const OUTPUT_SIDE = TOKENS.filter((name) => /^output$|Output$|^reasoning$/.test(name));

type Quantities = Readonly<Partial<Record<MeterName, number>>>;

/** Disjoint quantities -> the inclusive vector that they are the parts of. */
function usageOf(quantities: Quantities): Usage {
  const of = (name: MeterName): number => quantities[name] ?? 0;
  const sum = (names: readonly MeterName[]): number => names.reduce((total, name) => total + of(name), 0);
  return {
    ...quantities,
    input: sum(INPUT_SIDE),
    output: sum(OUTPUT_SIDE),
    cacheRead: of('cacheRead') + of('audioCacheRead') + of('imageCacheRead'),
    audioInput: of('audioInput') + of('audioCacheRead'),
    imageInput: of('imageInput') + of('imageCacheRead'),
  };
}

const when = fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2027-06-01') });

test('every token meter is on one side, but for citations', () => {
  expect([...INPUT_SIDE, ...OUTPUT_SIDE, 'citation'].sort()).toEqual([...TOKENS].sort());
});

test('parts that do not overlap are found again in the vector that contains them', () => {
  const of = (names: readonly MeterName[]): fc.Arbitrary<Quantities> =>
    fc.record(Object.fromEntries(names.map((name) => [name, fc.integer({ min: 0, max: 50_000 })])), {
      requiredKeys: [],
    });
  const plain = NAMES.filter((name) => !/audio|image|video/i.test(name));
  const scratch = createMeasured();
  fc.assert(
    fc.property(fc.oneof(of(plain), of(NAMES)), (parts) => {
      const { quantities, clamped } = measure(usageOf(parts), scratch);
      expect(clamped).toBe(false);
      expect(Object.fromEntries(NAMES.map((name, index) => [name, quantities[index]]))).toEqual(
        Object.fromEntries(NAMES.map((name) => [name, parts[name] ?? 0])),
      );
    }),
    { numRuns: 1000 },
  );
});

test.each(NAMES)('more %s never costs less', (meter) => {
  const some = fc.record(Object.fromEntries(NAMES.map((name) => [name, fc.integer({ min: 0, max: 50_000 })])), {
    requiredKeys: [],
  });
  fc.assert(
    fc.property(fc.constantFrom(...SAMPLE), some, fc.integer({ min: 1, max: 300_000 }), when, (row, less, more, at) => {
      const before = price(row, reportOf(usageOf(less)), at).pico;
      const after = price(row, reportOf(usageOf({ ...less, [meter]: (less[meter] ?? 0) + more })), at).pico;
      if (before !== undefined && after !== undefined) expect(after >= before).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('a body that counts cached tokens outside of its input costs what the inclusive vector costs', () => {
  const claude = PRICED.filter((row) => row.seller === 'anthropic');
  const tokens = fc.integer({ min: 0, max: 200_000 });
  fc.assert(
    fc.property(
      fc.constantFrom(...claude),
      tokens,
      tokens,
      tokens,
      tokens,
      tokens,
      when,
      (row, fresh, read, short, long, output, at) => {
        const body = {
          usage: {
            input_tokens: fresh,
            cache_read_input_tokens: read,
            cache_creation_input_tokens: short + long,
            cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
            output_tokens: output,
          },
        };
        const inclusive: Usage = {
          input: fresh + read + short + long,
          cacheRead: read,
          cacheWrite5m: short,
          cacheWrite1h: long,
          output,
        };
        const exclusive = price(row, anthropicMessages(body) as UsageReport, at);
        expect(exclusive.pico).toBe(price(row, reportOf(inclusive), at).pico);
        expect(exclusive.tier).toBe(price(row, reportOf(inclusive), at).tier);
      },
    ),
    { numRuns: 300 },
  );
});

/** Each set of a period with the code that selects it. */
function setsOf(period: Period): (readonly [number, RateSet])[] {
  const variants = [...period.variants.values()].map((set) => [variantCode(set.name) as number, set] as const);
  return period.schedule === undefined ? [[STANDARD, period.standard], ...variants] : variants;
}

test('at every long-context bound of every period and variant: one below, at, one above', () => {
  const input = METER_INDEX.input;
  let bounds = 0;
  for (const row of PRICED) {
    for (const period of row.periods) {
      const at = Number.isFinite(period.from) ? period.from : (row.periods.at(-2)?.from ?? Date.now()) - 1000;
      for (const [code, set] of setsOf(period)) {
        set.tiers.forEach((tier, index) => {
          const rate = (prompt: number): number | undefined => select(row, at, code, prompt)?.rates.perUnit[input];
          const below = (set.tiers[index - 1] ?? set).rates.perUnit[input];
          expect(rate(tier.at - 1), `${row.id} ${set.name}`).toBe(below);
          expect(rate(tier.at), `${row.id} ${set.name}`).toBe(tier.inclusive ? tier.rates.perUnit[input] : below);
          expect(rate(tier.at + 1), `${row.id} ${set.name}`).toBe(tier.rates.perUnit[input]);
          bounds++;
        });
      }
    }
  }
  expect(bounds).toBeGreaterThan(200);
});

test('one second before, at and after the start of every period', () => {
  let starts = 0;
  for (const row of PRICED) {
    row.periods.forEach((period, index) => {
      if (!Number.isFinite(period.from)) return;
      const of = (at: number): Period | undefined => select(row, at, STANDARD, 1)?.period;
      expect(of(period.from - 1000), row.id).toBe(row.periods[index + 1]);
      expect(of(period.from), row.id).toBe(period);
      expect(of(period.from + 1000), row.id).toBe(period);
      starts++;
    });
  }
  expect(starts).toBeGreaterThan(20);
});
