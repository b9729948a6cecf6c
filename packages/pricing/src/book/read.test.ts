import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPricer } from '../pricer.ts';
import { bundledBook, bundledBookText } from './bundled.ts';
import type { EncodedBook } from './encoded.ts';
import { suspicious } from './gates.ts';
import { PriceBookError, readBook } from './read.ts';

type Draft = { -readonly [Key in keyof EncodedBook]: unknown } & { sellers: Record<string, { rows: unknown[] }> };

/** The bundled book after a change. */
function changed(change: (book: Draft) => void): string {
  const draft = JSON.parse(bundledBookText()) as Draft;
  change(draft);
  return JSON.stringify(draft);
}

/** A small book that follows the bundled one, with one price of gpt-4o. */
function small(input: number, output = 10): string {
  return changed((book) => {
    book.date = '2026-12-01';
    book.version = '2026-12-01.test';
    book.periods = [{ r: { input, output } }];
    book.sellers = { openai: { rows: [['gpt-4o', [0]]] } };
  });
}

describe('a price book from outside', () => {
  test('that is the bundled one prices every row like it', () => {
    const read = readBook(bundledBookText());
    const bundled = bundledBook();
    expect(read).toMatchObject({ version: bundled.version, date: bundled.date });
    for (const seller of bundled.sellers) {
      const rows = (book: typeof read): unknown =>
        book.seller(seller)?.rows.map(({ id, periods }) => [id, periods.map(({ standard }) => standard)]);
      expect(rows(read)).toEqual(rows(bundled));
    }
  });

  test.each<[string, (book: Draft) => void, RegExp]>([
    ['another schema', (book) => (book.schema = 2), /newer than this version/],
    ['no schema', (book) => delete (book as Partial<Draft>).schema, /schema is not 1/],
    ['a version of another date', (book) => (book.version = '2020-01-01.abc'), /version/],
    ['a meter that we do not know', (book) => (book.periods = [{ r: { inptu: 1 } }]), /periods\[0\]\.r\.inptu/],
    ['a price in a wrong unit', (book) => (book.periods = [{ r: { input: 2500 } }]), /from 0 to 2000/],
    ['a negative price', (book) => (book.periods = [{ r: { input: -1 } }]), /from 0 to 2000/],
    ['a price as text', (book) => (book.periods = [{ r: { input: '1' } }]), /from 0 to 2000/],
    ['a variant that we do not know', (book) => (book.variants = { a: { warp: { f: 1 } } }), /variants\.a\.warp/],
    ['a row whose period is not there', (book) => (book.sellers = { a: { rows: [['m', [99999]]] } }), /sellers\.a\.m/],
    ['a row without anything', (book) => (book.sellers = { a: { rows: [['m', []]] } }), /sellers\.a\.m/],
    [
      'periods out of order',
      (book) =>
        book.sellers.openai?.rows.push([
          'm',
          [
            ['2026-01-02', 0],
            ['2026-01-01', 0],
          ],
        ]),
      /openai\.m/,
    ],
    ['one name twice', (book) => book.sellers.openai?.rows.push(['GPT-4o', [0]]), /one row only/],
  ])('with %s is refused', (_, change, message) => {
    const text = changed(change);
    expect(() => readBook(text)).toThrow(PriceBookError);
    expect(() => readBook(text)).toThrow(message);
  });

  test.each(['', '<html>', '[]', 'null', '{}', bundledBookText().slice(0, -100)])('%.20s is none', (text) => {
    expect(() => readBook(text)).toThrow(PriceBookError);
  });

  test('is read or refused, and what is read prices or says so, whatever leaf is exchanged', () => {
    const places = leaves(JSON.parse(bundledBookText()), []);
    const junk = fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.constant([]), fc.constant({}), fc.boolean());
    fc.assert(
      fc.property(fc.constantFrom(...places), junk, (place, value) => {
        const text = changed((book) => put(book, place, value));
        try {
          const pricer = createPricer({ book: readBook(text) });
          const report = { usage: { input: 10, output: 10 }, context: {}, flags: [] };
          const cost = pricer.price({ provider: 'openai', requestModel: 'gpt-4o', report, at: Date.now() });
          expect(cost.flags).not.toContain('internal_error');
        } catch (error) {
          expect(error).toBeInstanceOf(PriceBookError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('what is suspicious', () => {
  const book = (input: number, output?: number): ReturnType<typeof readBook> => readBook(small(input, output));

  test('a leap, an implausible rate that is new, most rows gone', () => {
    expect(suspicious(book(2.5), book(2.5))).toEqual([]);
    expect(suspicious(book(5), book(2.5))).toEqual([]);
    expect(suspicious(book(0.0025), book(2.5))).toEqual(['openai/gpt-4o: input went from 2.5 to 0.0025']);
    expect(suspicious(book(2.5, 1), book(2.5, 2.6))).toEqual(['openai/gpt-4o: output 1 is below input 2.5']);
    expect(suspicious(book(2.5, 1), book(2.5, 1.2))).toEqual([]);
    expect(suspicious(book(2.5), bundledBook())[0]).toMatch(/it has 1 rows, the book in use has \d{4}/);
    expect(suspicious(bundledBook(), bundledBook())).toEqual([]);
  });
});

type Place = readonly (string | number)[];

/** Some of the places of a value: of long lists the first three. */
function leaves(value: unknown, place: Place): Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [
    place,
    ...Object.keys(value)
      .slice(0, 3)
      .flatMap((key) => leaves((value as never)[key], [...place, key])),
  ];
}

function put(root: object, place: Place, value: unknown): void {
  if (place.length === 0) return;
  let at = root as Record<string | number, unknown>;
  for (const key of place.slice(0, -1)) at = at[key] as never;
  at[place.at(-1) as string] = value;
}
