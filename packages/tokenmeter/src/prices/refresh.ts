/**
 * A newer price book, from an address or a file that the user names; there is no default.
 *
 *   download (ETag, time-out, size) → read (format) → refuse what is older or suspicious → keep on disk → use
 *
 * Whatever goes wrong, the book in use stays in use, and nothing of the other one is kept.
 */
import { type PriceBook, PriceBookError, readBook, suspicious } from '@tokenmeter/pricing';
import { keepBook, readState, writeState } from './cache.ts';
import { download, isUrl } from './download.ts';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 4_000_000;
const MAX_NAMED = 5;

export interface RefreshOptions {
  /** `http(s)://…`, or an absolute path. */
  readonly from: string;
  readonly ledgerFolder: string;
  readonly current: PriceBook;
  /** Take over a suspicious book: somebody has looked at it. */
  readonly accept?: boolean;
  /** Whether the process waits for the answer before it ends. Default: true. */
  readonly keepAlive?: boolean;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** Why a book was not taken over. */
export class RefreshError extends Error {
  override readonly name: string = 'RefreshError';
}

/** The new book, or `undefined` where `from` has the current one. Rejects with a {@link RefreshError}. */
export async function refresh(options: RefreshOptions): Promise<PriceBook | undefined> {
  const { from, ledgerFolder, current, accept = false, keepAlive = true, now = Date.now } = options;
  try {
    const state = readState(ledgerFolder);
    const etag = state?.from === from && state.version === current.version ? state.etag : undefined;
    const bounds = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES };
    const got = await download(from, { etag, keepAlive, ...bounds });
    const next = got.text === undefined ? current : readBook(got.text);
    const newer = got.text !== undefined && next.version !== current.version;
    if (newer) {
      admit(next, current, accept);
      // Before the state: a state without its book would have the server say "unchanged" to whoever has nothing.
      keepBook(ledgerFolder, next.version, got.text);
    }
    const checkedAt = new Date(now()).toISOString();
    writeState(ledgerFolder, { from, etag: got.etag, version: next.version, checkedAt });
    return newer ? next : undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const what = error instanceof PriceBookError ? `is no price book that can be used: ${reason}` : reason;
    throw new RefreshError(error instanceof RefreshError ? reason : `${withoutSecrets(from)}: ${what}`);
  }
}

function admit(next: PriceBook, current: PriceBook, accept: boolean): void {
  if (next.date < current.date) {
    throw new RefreshError(`its price book of ${next.date} is older than the one in use, ${current.version}`);
  }
  const doubts = accept ? [] : suspicious(next, current);
  if (doubts.length === 0) return;
  const named = doubts.slice(0, MAX_NAMED).join('; ');
  const more = doubts.length > MAX_NAMED ? ` and ${doubts.length - MAX_NAMED} more` : '';
  throw new RefreshError(
    `its price book ${next.version} is suspicious: ${named}${more}. Look at it with tokenmeter prices diff; if it is right, tokenmeter prices update --accept takes it over`,
  );
}

/** An address may carry a password or a token; a message must not. */
function withoutSecrets(from: string): string {
  if (!isUrl(from) || !URL.canParse(from)) return from;
  const { origin, pathname } = new URL(from);
  return origin + pathname;
}
