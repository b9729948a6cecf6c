import { describe, expect, test } from 'vitest';
import { bundledBook } from '../src/book/bundled.ts';
import type { Row } from '../src/book/model.ts';
import { matchModel } from '../src/match.ts';
import { type Seller, sellerOfName } from '../src/sellers.ts';
import { sdkUnions } from './unions.ts';

function rowOf(provider: string, id: string): Row | undefined {
  return matchModel(bundledBook(), sellerOfName(provider) as Seller, id)?.row;
}

/** Free, or with a rate at some time. */
function hasPrice(row: Row | undefined): boolean {
  return row !== undefined && row.unpriced === undefined && (row.free || row.periods.length > 0);
}

describe.each(sdkUnions())('$provider $name', ({ provider, ids }) => {
  test('names models at all', () => {
    expect(ids.length).toBeGreaterThan(20);
  });

  test('every id has a price, or a reason why it has none', () => {
    const unknown = ids.filter((id) => {
      const row = rowOf(provider, id);
      return !hasPrice(row) && row?.unpriced === undefined;
    });
    expect(unknown).toEqual([]);
  });

  test('no undated id takes another one’s price by a snapshot', () => {
    const found = ids.filter((id) => {
      const match = matchModel(bundledBook(), sellerOfName(provider) as Seller, id);
      return match?.how === 'snapshot' && !/\d{3,}|\d-\d{2}/.test(id);
    });
    expect(found).toEqual([]);
  });
});

test('at least 88 of the ids of ChatModel are priced', () => {
  const chat = sdkUnions().find(({ name }) => name === 'ChatModel');
  expect(chat?.ids).toHaveLength(90);
  expect(chat?.ids.filter((id) => hasPrice(rowOf('openai', id))).length).toBeGreaterThanOrEqual(88);
});

test('prices that read alike by prefix stay apart', () => {
  const row = (provider: string, id: string): string | undefined => rowOf(provider, id)?.model;
  expect(row('anthropic', 'claude-sonnet-5-5')).toBe('claude-sonnet-5-5');
  expect(row('anthropic', 'claude-sonnet-5')).toBe('claude-sonnet-5');
  expect(row('anthropic', 'claude-fable-5-2')).toBe('claude-fable-5-2');
  expect(rowOf('gcp.gemini', 'gemini-3.8-flash-tts')?.unpriced).toBeDefined();
});
