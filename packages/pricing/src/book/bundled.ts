/** The price book that the package ships. */
import { BOOK_DATE, BOOK_JSON, BOOK_VERSION } from '../book.generated.ts';
import { decodeBook } from './decode.ts';
import type { EncodedBook } from './encoded.ts';
import type { PriceBook } from './model.ts';

let book: PriceBook | undefined;

/** The bundled book; parsed at the first price. */
export function bundledBook(): PriceBook {
  book ??= decodeBook({ version: BOOK_VERSION, date: BOOK_DATE }, () => JSON.parse(BOOK_JSON) as EncodedBook);
  return book;
}

/** The bundled book as text: what `readBook` reads, and what a refresh is served. */
export function bundledBookText(): string {
  return BOOK_JSON;
}
