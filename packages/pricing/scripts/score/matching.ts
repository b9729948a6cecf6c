/** Does a provider's id find the expected row, and no other? */
import { bundledBook } from '../../src/book/bundled.ts';
import { matchModel } from '../../src/match.ts';
import { sellerOfName } from '../../src/sellers.ts';
import { type Score, tally } from './tally.ts';

export interface MatchingCase {
  readonly provider: string;
  readonly model: string;
  /** `[provider, row]` in the words of the file; null: nothing was expected. */
  readonly expected: readonly [string, string] | null;
}

/** Providers of such files that are not ours by name. */
const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  aws: ['bedrock'],
  google: ['google', 'vertex'],
  azure: ['azure', 'openai'],
};

export function scoreMatching(cases: readonly MatchingCase[]): Score {
  const book = bundledBook();
  const outcomes = cases.map(({ provider, model, expected }) => {
    const seller = sellerOfName(provider);
    const row = seller && matchModel(book, seller, model)?.row;
    const name = `${provider} ${model}`;
    if (expected === null)
      return { group: 'expects nothing (apart)', agrees: true, note: `${name}: ${row?.id ?? 'unpriced'}`, apart: true };
    const [wanted, id] = expected;
    const sellers = PROVIDERS[wanted] ?? [sellerOfName(wanted)?.id ?? wanted];
    const bare = id.replace(/^regional\./, '');
    const agrees =
      row !== undefined &&
      sellers.includes(row.seller) &&
      (row.model === bare || isSnapshotOf(row.model, bare) || same(row.id, sellers, bare));
    return { group: provider, agrees, note: `${name}: expected ${expected.join('/')}, found ${row?.id ?? 'nothing'}` };
  });
  return tally(outcomes);

  /** The expected row's own id finds the same row, under the name that our book has for it. */
  function same(rowId: string, sellers: readonly string[], id: string): boolean {
    return sellers.some((sellerId) => {
      const seller = sellerOfName(sellerId);
      return seller !== undefined && matchModel(book, seller, id)?.row.id === rowId;
    });
  }
}

/** A dated snapshot with a row of its own is the expected model, priced more finely. */
function isSnapshotOf(model: string, base: string): boolean {
  return model.startsWith(`${base}-`) && /^-\d{4}-\d{2}-\d{2}$/.test(model.slice(base.length));
}
