/** `prices.refresh`: a process that asks for newer prices from time to time. */
import type { PriceBook, Pricer } from '@tokenmeter/pricing';
import type { RefreshConfig } from '../config/types.ts';
import { cachedBook, readState } from './cache.ts';
import { refresh } from './refresh.ts';

export interface RefreshingOptions {
  readonly ledgerFolder: string;
  readonly pricer: Pick<Pricer, 'book' | 'use'>;
  readonly onWarning: (message: string) => void;
}

export interface Refreshing {
  stop(): void;
}

/**
 * Keeps a pricer's book fresh, from now until it is stopped, where the configuration asks for it: without `prices.refresh`
 * there is no timer and no socket. With it, neither keeps the process alive, and no call waits for either.
 * Processes that share a ledger share what one of them has fetched.
 */
export function refreshPrices(
  settings: RefreshConfig | undefined,
  { ledgerFolder, pricer, onWarning }: RefreshingOptions,
): Refreshing | undefined {
  if (settings === undefined) return undefined;
  const { from, every = '24h' } = settings;
  const everyMs = Number(every.slice(0, -1)) * (UNITS[every.slice(-1)] ?? UNITS.h);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const take = (book: PriceBook | undefined): void => {
    if (book !== undefined && !stopped) pricer.use(book);
  };
  const age = (): number => {
    const state = readState(ledgerFolder);
    return state?.from === from ? Date.now() - Date.parse(state.checkedAt) : Number.POSITIVE_INFINITY;
  };
  const turn = async (): Promise<void> => {
    try {
      take(cachedBook(ledgerFolder, pricer.book, onWarning));
      if (!(age() < everyMs)) take(await refresh({ from, ledgerFolder, current: pricer.book, keepAlive: false }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onWarning(`prices are not refreshed, those of ${pricer.book.date} stay in use: ${reason}`);
    }
    // A tenth of chance, so that a fleet that was started together does not ask together.
    if (!stopped) plan(everyMs * (1 + Math.random() / 10));
  };
  const plan = (delay: number): void => {
    timer = setTimeout(() => void turn(), Math.min(delay, MAX_DELAY));
    timer.unref();
  };

  plan(0);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as Readonly<Record<string, number>> & { readonly h: number };

/** What a timer can wait. */
const MAX_DELAY = 2 ** 31 - 1;
