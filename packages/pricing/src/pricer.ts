/**
 * The engine: one call -> what it cost.
 *
 *   resolve (who bills it, which row) -> bill (exact parts at list) -> net (override, discount, the provider's own amount)
 *
 * Nothing in here throws once a pricer exists, whatever the input: a call that cannot be priced says so.
 */
import { bundledBook } from './book/bundled.ts';
import type { PriceBook, Row } from './book/model.ts';
import { instant, priceWith } from './cost.ts';
import { type Explanation, explain } from './explain.ts';
import { fastAmount } from './fast.ts';
import { inForce } from './net.ts';
import { Resolver } from './resolve.ts';
import { compileSettings } from './settings/compile.ts';
import type { PriceSettings } from './settings/types.ts';
import type { Cost, PriceContext, PriceRequest, Usage, UsageReport } from './types.ts';

export interface PricerOptions extends PriceSettings {
  /** Default: the bundled book. */
  readonly book?: PriceBook;
}

export interface Pricer {
  /** Version of the book in use. */
  readonly version: string;
  /** ISO date of the book in use. */
  readonly bookDate: string;
  readonly book: PriceBook;
  /** The cost of a call with everything that explains it. Never throws. */
  price(request: PriceRequest): Cost;
  /**
   * The amount alone, in USD, for hot paths: the same as `price(…).usd`, up to the last bit of a double above $9,007.
   * `undefined` when there is none. Never throws.
   */
  priceAmount(provider: string, model: string, usage: Usage, at: number, context?: PriceContext): number | undefined;
  /** The same cost, with who bills it, every id that was looked for, and the sum line by line. */
  explain(request: PriceRequest): Explanation;
  /** True when the model has a price (or is free) at `at`: what `onUnknownModel: throw` asks before the request. */
  knows(request: Pick<PriceRequest, 'provider' | 'host' | 'requestModel' | 'at'>): boolean;
  /** Takes over another book as a whole: every later call is priced by it, none by a mixture. Throws if the settings
   * (compared with its list prices) no longer make sense. */
  use(book: PriceBook): void;
}

interface State {
  readonly book: PriceBook;
  readonly resolver: Resolver;
  /** Rows for the amount alone; absent where prices of one's own or discounts change it. */
  readonly amounts?: Map<string, Map<string, Row>>;
}

const MAX_PROVIDERS = 64;
const MAX_MODELS = 512;

/**
 * A pricer with its own settings.
 *
 * @throws PriceSettingsError when a price, discount or alias is wrong; nothing throws afterwards.
 */
export function createPricer(options: PricerOptions = {}): Pricer {
  const load = (book: PriceBook): State => {
    const settings = compileSettings(options, book);
    const listOnly = settings.overrides.length === 0 && settings.discounts.length === 0;
    return { book, resolver: new Resolver(book, settings), amounts: listOnly ? new Map() : undefined };
  };
  let state = load(options.book ?? bundledBook());
  const price = (request: PriceRequest): Cost => {
    const { book, resolver } = state;
    try {
      return priceWith(resolver, request);
    } catch {
      return { status: 'usage_unknown', version: book.version, flags: ['internal_error'] };
    }
  };
  return {
    get version(): string {
      return state.book.version;
    },
    get bookDate(): string {
      return state.book.date;
    },
    get book(): PriceBook {
      return state.book;
    },
    price,
    priceAmount(provider, model, usage, at, context): number | undefined {
      try {
        const known = state.amounts?.get(provider)?.get(model);
        if (known !== undefined && context === undefined) {
          const amount = fastAmount(known, usage, at);
          if (amount !== undefined) return amount;
        } else remember(state, provider, model);
        const report: UsageReport = { usage, context: context ?? {}, flags: [] };
        return price({ provider, requestModel: model, report, at }).usd;
      } catch {
        return undefined;
      }
    },
    explain(request): Explanation {
      const { book, resolver } = state;
      return explain(request, price(request), resolver.resolveCall(request), book);
    },
    knows(request): boolean {
      try {
        const { row, free, overrides } = state.resolver.resolve(
          request.provider,
          request.host,
          undefined,
          request.requestModel,
        );
        const at = instant(request.at);
        return (
          free || inForce(overrides, at) !== undefined || (row?.periods.some((period) => period.from <= at) ?? false)
        );
      } catch {
        return false;
      }
    },
    use(book: PriceBook): void {
      state = load(book);
    },
  };
}

/** Keeps the row of a name for the amount alone, in maps of bounded size. */
function remember({ amounts, resolver }: State, provider: string, model: string): void {
  if (amounts === undefined || typeof model !== 'string' || model.length > 512) return;
  const { row, free } = resolver.resolve(provider, undefined, undefined, model);
  if (row === undefined || free) return;
  let models = amounts.get(provider);
  if (models === undefined) {
    if (amounts.size >= MAX_PROVIDERS) amounts.clear();
    models = new Map();
    amounts.set(provider, models);
  }
  if (models.size >= MAX_MODELS) models.clear();
  models.set(model, row);
}
