import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BOOK_JSON, BOOK_VERSION } from '../book.generated.ts';
import { METER_INDEX, METERS } from '../meters.ts';
import { sellerOfName } from '../sellers.ts';
import { bundledBook } from './bundled.ts';
import { dateless } from './dates.ts';
import type { EncodedBook } from './encoded.ts';
import { compileRates } from './rates.ts';

const book = bundledBook();
const encoded = JSON.parse(BOOK_JSON) as EncodedBook;
const rows = book.sellers.flatMap((seller) => book.seller(seller)?.rows ?? []);

describe('the bundled book', () => {
  test('is at most 40 KB of gzip', () => {
    const module = readFileSync(fileURLToPath(new URL('../book.generated.ts', import.meta.url)));
    expect(gzipSync(module).length).toBeLessThanOrEqual(40 * 1024);
  });

  test('has the version of its contents', () => {
    const { version, ...body } = encoded;
    const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 8);
    expect(version).toBe(`${encoded.date}.${hash}`);
    expect(BOOK_VERSION).toBe(version);
  });

  test('belongs to sellers that a host or a name can find', () => {
    for (const seller of book.sellers) expect(sellerOfName(seller)?.id).toBe(seller);
  });

  test('gives every id to one row', () => {
    for (const seller of book.sellers) {
      const ids = (encoded.sellers[seller]?.rows ?? []).flatMap(([model, , options]) => [model, ...(options?.a ?? [])]);
      const keys = ids.map((id) => id.toLowerCase());
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    }
  });

  test('is free, priced or unpriced with a reason, and never silently nothing', () => {
    for (const row of rows) {
      const kinds = [row.free, row.unpriced !== undefined, row.periods.length > 0].filter(Boolean);
      expect(kinds, row.id).toHaveLength(1);
    }
  });

  test('has whole, sane rates, cheaper when read from a cache', () => {
    for (const row of rows) {
      for (const { standard, variants, schedule } of row.periods) {
        const sets = [standard, ...variants.values(), ...(schedule ? [schedule.peak] : [])];
        for (const rates of sets.flatMap((set) => [set.rates, ...set.tiers.map((tier) => tier.rates)])) {
          const known = rates.own.filter((rate) => !Number.isNaN(rate));
          expect(
            known.every((rate) => Number.isInteger(rate) && rate >= 0),
            row.id,
          ).toBe(true);
          const [input, read] = [rates.own[METER_INDEX.input] as number, rates.own[METER_INDEX.cacheRead] as number];
          if (!Number.isNaN(input) && !Number.isNaN(read)) expect(read, row.id).toBeLessThanOrEqual(input);
        }
      }
    }
  });

  test('has periods in order', () => {
    for (const row of rows) {
      const starts = row.periods.map((period) => period.from);
      expect(starts, row.id).toEqual([...starts].sort((a, b) => b - a));
    }
  });
});

test('rates are whole pico-dollars per unit, in the unit of their meter', () => {
  const { own } = compileRates({
    input: 2.5,
    cacheRead: 0.0028,
    webSearches: 10,
    inputAudioSeconds: 0.006,
    inputCharacters: 15,
  });
  expect(own[METER_INDEX.input]).toBe(2_500_000);
  expect(own[METER_INDEX.cacheRead]).toBe(2800);
  expect(own[METER_INDEX.webSearches]).toBe(10_000_000_000);
  expect(own[METER_INDEX.inputAudioSeconds]).toBe(100_000_000);
  expect(own[METER_INDEX.inputCharacters]).toBe(15_000_000);
});

test('fallbacks never form a chain that ends nowhere', () => {
  for (const meter of METERS) for (const { meter: other } of meter.fallback) expect(METER_INDEX[other]).toBeDefined();
});

test.each([
  ['gpt-4o-2024-08-06', 'gpt-4o'],
  ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
  ['claude-sonnet-4@20250514', 'claude-sonnet-4'],
  ['gpt-4-0613', 'gpt-4'],
  ['gemini-2.5-flash-preview-09-2025', 'gemini-2.5-flash-preview'],
  ['gemini-2.5-pro-preview-05-06', 'gemini-2.5-pro-preview'],
  ['magistral-small-2507', 'magistral-small'],
  ['gemini-1.5-pro-002', 'gemini-1.5-pro'],
  ['claude-sonnet-5-5', undefined],
  ['gpt-4o-2024-13-45', undefined],
  ['claude-3-5-haiku-123', undefined],
  ['o3', undefined],
  ['-2024-08-06', undefined],
])('%s is a snapshot of %s', (id, base) => {
  expect(dateless(id)).toBe(base);
});
