import { describe, expect, test } from 'vitest';
import { gate, type Previous } from '../scripts/gates.ts';
import { merge } from '../scripts/merge.ts';
import type { Overlay } from '../scripts/overlay.ts';
import type { SourceRow } from '../scripts/rows.ts';

const NOTHING: Overlay = {
  rows: [],
  patches: [],
  groups: {},
  uses: [],
  schedules: {},
  calendars: {},
  drops: new Map(),
  accepted: new Map(),
};

function row(model: string, rates: Record<string, number>, more: Partial<SourceRow> = {}): SourceRow {
  return {
    seller: 'acme',
    model,
    ids: new Map(),
    snapshots: false,
    periods: [{ rates }],
    origin: 'test',
    source: 'test',
    ...more,
  };
}

const accept = (rows: SourceRow[], accepted: string[] = [], previous: Previous = new Map()): void =>
  gate(merge(NOTHING, rows, []), new Map(accepted.map((id) => [id, 'meant'])), previous);

describe('gates', () => {
  test('let sane rows pass', () => {
    expect(() => accept([row('m', { input: 1, output: 2, cacheRead: 0.1 })])).not.toThrow();
  });

  test.each<[string, SourceRow, RegExp]>([
    ['a price beyond all others', row('m', { input: 5000, output: 6000 }), /outside of/],
    ['output below input', row('m', { input: 2, output: 1 }), /below input/],
    ['a cache read above input', row('m', { input: 1, output: 2, cacheRead: 3 }), /above input/],
    ['an empty price', row('m', {}), /classify/],
    ['no period', row('m', {}, { periods: [] }), /no period/],
    ['a 5-minute write of Claude off its rule', row('claude-x', { input: 1, output: 5, cacheWrite: 2 }), /1\.25 x/],
    ['an hour’s write of Claude off its rule', row('claude-x', { input: 1, output: 5, cacheWrite1h: 24 }), /2 x/],
  ])('stop %s', (_, bad, reason) => {
    expect(() => accept([bad])).toThrow(reason);
    expect(() => accept([bad], [`acme/${bad.model}`])).not.toThrow();
  });

  test('stop a jump against the last book', () => {
    const previous = new Map([['acme/m', { input: 1, output: 2 }]]);
    expect(() => accept([row('m', { input: 3.5, output: 4 })], [], previous)).toThrow(/input went from 1 to 3.5/);
    expect(() => accept([row('m', { input: 3, output: 4 })], [], previous)).not.toThrow();
  });

  test('stop an acceptance that nothing needs', () => {
    expect(() => accept([row('m', { input: 1 })], ['acme/other'])).toThrow(/no such row/);
  });
});

describe('merging', () => {
  test('stops an id that two rows of a source list', () => {
    const rows = [
      row('a', { input: 1 }, { ids: new Map([['x', 'listed']]) }),
      row('b', { input: 2 }, { ids: new Map([['x', 'listed']]) }),
    ];
    expect(() => merge(NOTHING, rows, [])).toThrow(/acme\/x is claimed by a and by b/);
  });

  test('takes a row whole from the first source that has it', () => {
    const first = row('m', { input: 1, output: 2 }, { origin: 'first' });
    const second = row('m', { input: 9, output: 9, cacheRead: 0.5 }, { origin: 'second' });
    const other = row('n', { input: 3, output: 4 }, { origin: 'second' });
    const merged = merge(NOTHING, [first], [second, other]);
    expect(merged.map(({ model, origin, periods }) => [model, origin, periods[0]?.rates])).toEqual([
      ['m', 'first', { input: 1, output: 2 }],
      ['n', 'second', { input: 3, output: 4 }],
    ]);
  });

  test('derives an hour’s write of Claude where it is missing', () => {
    const [merged] = merge(NOTHING, [row('claude-x', { input: 3, output: 15, cacheWrite: 3.75 })], []);
    expect(merged?.periods[0]?.rates.cacheWrite1h).toBe(6);
  });
});
