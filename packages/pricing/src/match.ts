/**
 * Model id -> row of the price book. Runs once per distinct id, the pricer remembers the answer.
 *
 * An id is written in many forms (`models/x`, an ARN, `us.x-v1:0`, `x@20250929`, `ft:x`, `x:free`). Forms are stripped one
 * at a time, what they say is kept as facts, and each step looks for the *whole* remaining id: the id itself, else one
 * dated snapshot of an id that allows it. Nothing is matched by prefix, substring or edit distance: a wrong price is
 * worse than none.
 */
import { dateless } from './book/dates.ts';
import type { PriceBook, Row, SellerBook } from './book/model.ts';
import type { Seller } from './sellers.ts';
import type { CostMatch } from './types.ts';

/** One look into the book. */
export interface Step {
  /** Whose rows were searched. */
  readonly seller: string;
  /** The whole id that was looked for, in one of its forms. */
  readonly id: string;
  /** How it was found; absent: it was not. */
  readonly found?: CostMatch;
}

export interface Match {
  readonly row: Row;
  readonly how: CostMatch;
  /** OpenRouter: `:free` in the id. */
  readonly free: boolean;
  /** The row is another seller's, declared to stand in. */
  readonly fallbackFrom?: string;
}

/** The row for `model` at `seller`; `undefined` when no form of the id is known. Every look is added to `trace`. */
export function matchModel(book: PriceBook, seller: Seller, model: string, trace?: Step[]): Match | undefined {
  for (const id of [seller.id, ...(seller.shares ?? [])]) {
    const match = lookup(book, seller, id, model, trace);
    if (match !== undefined) return match;
  }
  for (const other of seller.fallback ?? []) {
    const match = lookup(book, seller, other, model, trace);
    if (match !== undefined) return { ...match, fallbackFrom: other };
  }
  return undefined;
}

function lookup(
  book: PriceBook,
  seller: Seller,
  sellerId: string,
  model: string,
  trace: Step[] | undefined,
): Match | undefined {
  const rows = book.seller(sellerId);
  if (rows === undefined) return undefined;
  for (const form of formsOf(model, seller)) {
    const found = find(rows, form);
    trace?.push({ seller: sellerId, id: form, found: found?.how });
    if (found !== undefined) return { ...found, free: /:free$/i.test(model.trim()) };
  }
  return undefined;
}

function find(rows: SellerBook, id: string): { row: Row; how: CostMatch } | undefined {
  const row = rows.index.get(id);
  const base = dateless(id);
  if (row !== undefined) {
    const name = row.model.toLowerCase();
    const dated = base !== undefined && (base === name || base === dateless(name));
    return { row, how: name === id ? 'exact' : dated ? 'snapshot' : 'alias' };
  }
  if (base === undefined || !rows.snapshots.has(base)) return undefined;
  const snapshot = rows.index.get(base);
  return snapshot && { row: snapshot, how: 'snapshot' };
}

/** `id` in the seller's normal form, as the generator writes it into the index: lower case, without a version suffix. */
export function normalForm(id: string, sellerId: string): string {
  const lower = id.trim().toLowerCase();
  return sellerId === 'bedrock' ? lower.replace(BEDROCK_VERSION, '') : lower;
}

const BEDROCK_VERSION = /(?:-v\d+)?(?::\d+(?::[\w]+)?)?$/;
const BEDROCK_REGION = /^(?:us-gov|us|eu|apac|au|jp|ca|in|sa|me|af|regional)\./;
const PATHS = [/^arn:[^/]*\//, /^(?:.*\/)?(?:publishers\/[^/]+\/)?models\//, /^accounts\/fireworks\/models\//];
const ROUTE = /:(?:free|nitro|floor|online|thinking|extended|exacto|beta)$/;

/** The forms of an id, from as written to fully stripped, each once. */
export function formsOf(model: string, seller: Seller): readonly string[] {
  const forms = new Set<string>();
  const add = (form: string): string => {
    if (form !== '') forms.add(form);
    return form;
  };
  let id = add(
    model
      .trim()
      .replace(/^['"`]+|['"`-]+$/g, '')
      .toLowerCase(),
  );
  if (id.length > MAX_ID) return [];
  for (const path of PATHS) id = add(id.replace(path, ''));
  id = add(withoutOwnName(id, seller));
  if (seller.id === 'fireworks') add(`accounts/fireworks/models/${id}`);
  if (seller.id === 'bedrock') {
    id = add(id.replace(BEDROCK_VERSION, ''));
    // A region that has rows of its own is found above; otherwise every region but `global` is the bare id.
    id = add(id.replace(BEDROCK_REGION, ''));
  }
  id = add(id.replace(ROUTE, ''));
  const fineTuned = /^ft:([^:]+)(?::.*)?$/.exec(id) ?? /^(.+)\.ft(?:-[\w-]+)?$/.exec(id);
  if (fineTuned !== null) add(`ft:${fineTuned[1]}`);
  else if (id.includes('@')) {
    add(id.replace('@', '-'));
    add(id.replace(/@(?:default|latest)$/, ''));
  }
  return [...forms];
}

const MAX_ID = 512;

/** `openai/gpt-4o` at OpenAI is `gpt-4o`; `google-gla:gemini-2.5-pro` at Google is `gemini-2.5-pro`. */
function withoutOwnName(id: string, seller: Seller): string {
  const end = id.search(/[/:]/);
  if (end <= 0) return id;
  const name = id.slice(0, end);
  const own = name === seller.id || name === seller.provider || seller.names?.includes(name) === true;
  return own ? id.slice(end + 1) : id;
}
