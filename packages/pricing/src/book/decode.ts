/**
 * Encoded book -> `PriceBook`. Everything is made when it is first looked at: the JSON is parsed at the first look at any
 * row, a seller's names are listed at the first look at that seller, a row's rates are compiled at its first price. An app
 * uses a handful of the two thousand rows, and importing the package costs nothing.
 */
import { variantCode } from '../variant.ts';
import { dateless } from './dates.ts';
import type { EncodedBook, EncodedPeriod, EncodedRates, EncodedRow, EncodedSchedule, EncodedTier } from './encoded.ts';
import type { Period, PriceBook, RateSet, Row, Schedule, SellerBook, Variants } from './model.ts';
import { countedOnly, rateSet, scale } from './rates.ts';

/** The book in `encoded`, a function so that parsing waits until a price is needed. */
export function decodeBook(header: { version: string; date: string }, encoded: () => EncodedBook): PriceBook {
  let parsed: EncodedBook | undefined;
  const book = (): EncodedBook => {
    parsed ??= encoded();
    return parsed;
  };
  const decoded = new Map<string, SellerBook | undefined>();
  return {
    version: header.version,
    date: header.date,
    get sellers(): readonly string[] {
      return Object.keys(book().sellers);
    },
    seller(id: string): SellerBook | undefined {
      if (!decoded.has(id))
        decoded.set(id, Object.hasOwn(book().sellers, id) ? new DecodedSeller(id, book()) : undefined);
      return decoded.get(id);
    },
  };
}

class DecodedSeller implements SellerBook {
  readonly rows: readonly Row[];
  readonly index: ReadonlyMap<string, Row>;
  /** Names of rows that stand for their snapshots, too. */
  readonly #dated: readonly string[];
  #snapshots: ReadonlySet<string> | undefined;

  constructor(id: string, book: EncodedBook) {
    const encoded = book.sellers[id] as EncodedBook['sellers'][string];
    const index = new Map<string, Row>();
    const dated: string[] = [];
    this.rows = encoded.rows.map((entry) => {
      const row = new DecodedRow(id, entry, encoded.url, book);
      const [model, , options] = entry;
      for (const name of [model, ...(options?.a ?? [])]) {
        const key = name.toLowerCase();
        index.set(key, row);
        if (options?.d === 1) dated.push(key);
      }
      return row;
    });
    this.index = index;
    this.#dated = dated;
  }

  get snapshots(): ReadonlySet<string> {
    this.#snapshots ??= new Set(this.#dated.map((key) => dateless(key) ?? key));
    return this.#snapshots;
  }
}

class DecodedRow implements Row {
  readonly id: string;
  readonly model: string;
  readonly seller: string;
  readonly free: boolean;
  readonly unpriced: string | undefined;
  readonly estimated: boolean;
  readonly url: string | undefined;
  readonly origin: string;
  readonly #encoded: EncodedRow;
  readonly #book: EncodedBook;
  #periods: readonly Period[] | undefined;

  constructor(seller: string, encoded: EncodedRow, sellerUrl: number | undefined, book: EncodedBook) {
    const [model, , options = {}] = encoded;
    const url = options.w ?? sellerUrl;
    this.id = `${seller}/${model}`;
    this.model = model;
    this.seller = seller;
    this.free = options.free === 1;
    this.unpriced = options.u === undefined ? undefined : book.reasons[options.u];
    this.estimated = options.e === 1;
    this.url = url === undefined ? undefined : book.urls[url];
    this.origin = book.origins[options.o ?? 0] ?? 'unknown';
    this.#encoded = encoded;
    this.#book = book;
  }

  get periods(): readonly Period[] {
    this.#periods ??= this.#encoded[1].map((entry) => decodePeriod(entry, this.#book)).reverse();
    return this.#periods;
  }
}

function decodePeriod(entry: EncodedRow[1][number], book: EncodedBook): Period {
  const [iso, index] = typeof entry === 'number' ? [undefined, entry] : entry;
  const from = iso === undefined ? Number.NEGATIVE_INFINITY : Date.parse(iso);
  const encoded = book.periods[index] as EncodedPeriod;
  const schedule = encoded.s === undefined ? undefined : book.schedules[encoded.s];
  return {
    from,
    effectiveFrom: iso === undefined ? undefined : new Date(from).toISOString(),
    standard: rateSet('', encoded.r, encoded.l ?? [], false),
    variants: new DecodedVariants(encoded, book),
    schedule: schedule && decodeSchedule(schedule, encoded, book),
  };
}

class DecodedVariants implements Variants {
  readonly #of: EncodedPeriod;
  /** Name by code, and in its place the set once it has been asked for. */
  readonly #sets: Map<number, string | RateSet> = new Map();
  readonly #group: EncodedBook['variants'][string];

  constructor(of: EncodedPeriod, book: EncodedBook) {
    this.#of = of;
    this.#group = of.v === undefined ? {} : (book.variants[of.v] ?? {});
    for (const name of Object.keys(this.#group)) {
      const code = variantCode(name);
      if (code !== undefined) this.#sets.set(code, name);
    }
  }

  has(code: number): boolean {
    return this.#sets.has(code);
  }

  get(code: number): RateSet | undefined {
    const found = this.#sets.get(code);
    if (typeof found !== 'string') return found;
    const set = decodeVariant(found, this.#group, this.#of);
    this.#sets.set(code, set);
    return set;
  }

  values(): readonly RateSet[] {
    return [...this.#sets.keys()].map((code) => this.get(code) as RateSet);
  }
}

function decodeVariant(name: string, group: EncodedBook['variants'][string], of: EncodedPeriod): RateSet {
  const { f: factor, x: except, r: outright, l: own = [], n: none } = group[name] ?? {};
  const tiers = of.l ?? [];
  if (factor === undefined) {
    return rateSet(name, { ...countedOnly(of.r), ...outright }, own, tiers.length > 0 && own.length === 0);
  }
  const scaleBy = (rates: EncodedRates): EncodedRates => ({ ...scale(rates, factor, except), ...outright });
  if (none === 1) return rateSet(name, scaleBy(of.r), [], tiers.length > 0);
  const scaled = tiers.map(([at, bound, rates]): EncodedTier => [at, bound, scaleBy(rates)]);
  return rateSet(name, scaleBy(of.r), scaled, false);
}

function decodeSchedule(encoded: EncodedSchedule, period: EncodedPeriod, book: EncodedBook): Schedule {
  const calendar = encoded.calendar === undefined ? undefined : book.calendars[encoded.calendar];
  return {
    offsetHours: encoded.offset,
    windows: encoded.windows.map(([from, to]) => [minutes(from), minutes(to)] as const),
    days: new Set(encoded.days),
    holidays: new Set(calendar?.days),
    holidaysUntil: calendar?.until ?? '9999-12-31',
    peak: rateSet('peak', period.p ?? scale(period.r, encoded.factor ?? 1), [], false),
  };
}

function minutes(clock: string): number {
  const [hours = 0, rest = 0] = clock.split(':').map(Number);
  return hours * 60 + rest;
}
