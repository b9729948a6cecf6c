/**
 * A price book from outside -> `PriceBook`. What is not exactly of the format is refused as a whole: a meter or a variant
 * that this version does not know would be money that nobody counts.
 */
import { METER_INDEX } from '../meters.ts';
import { variantCode } from '../variant.ts';
import { decodeBook } from './decode.ts';
import type { EncodedBook } from './encoded.ts';
import { MAX_USD } from './gates.ts';
import type { PriceBook } from './model.ts';

/** A book that cannot be used. Lists what is wrong with it. */
export class PriceBookError extends Error {
  override readonly name: string = 'PriceBookError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

/** Reads a book as `bundledBookText` gives it. Throws {@link PriceBookError}. */
export function readBook(text: string): PriceBook {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PriceBookError(['it is no JSON']);
  }
  const book = checked(value);
  return decodeBook(book, () => book);
}

const MAX_PROBLEMS = 10;
const VERSION = /^\d{4}-\d{2}-\d{2}\.[\w.-]{1,64}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const CLOCK = /^\d{2}:\d{2}$/;

function checked(value: unknown): EncodedBook {
  if (!isMap(value)) throw new PriceBookError(['it is no price book']);
  if (typeof value.schema === 'number' && value.schema > 1) {
    throw new PriceBookError([`its format ${value.schema} is newer than this version of Tokenmeter reads: update it`]);
  }
  const check = new Check(value);
  check.header();
  check.pools();
  check.periods();
  check.sellers();
  if (check.problems.length > 0) throw new PriceBookError(check.problems.slice(0, MAX_PROBLEMS));
  // The check has looked at every field that the type names.
  return value as unknown as EncodedBook;
}

type Fields = Readonly<Record<string, unknown>>;

class Check {
  readonly problems: string[] = [];
  readonly #book: Fields;

  constructor(book: Fields) {
    this.#book = book;
  }

  #expect(holds: boolean, where: string, what: string): void {
    if (!holds) this.problems.push(`${where} is not ${what}`);
  }

  header(): void {
    const { schema, date, version } = this.#book;
    this.#expect(schema === 1, 'schema', '1');
    this.#expect(isDay(date), 'date', 'a date (YYYY-MM-DD)');
    const named = typeof version === 'string' && VERSION.test(version) && version.startsWith(`${date}.`);
    this.#expect(named, 'version', '<date>.<name>');
  }

  pools(): void {
    for (const name of ['origins', 'urls', 'reasons']) {
      this.#expect(isListOf(this.#book[name], isText), name, 'a list of texts');
    }
    this.#each('calendars', (calendar, where) => {
      this.#expect(isDay(calendar.until) && isListOf(calendar.days, isDay), where, 'a calendar');
    });
    this.#each('schedules', (schedule, where) => {
      const { windows, offset, days, calendar, factor } = schedule;
      const inDay = (day: unknown): boolean => Number.isInteger(day) && Number(day) >= 0 && Number(day) <= 6;
      const holds =
        isListOf(windows, (window) => isListOf(window, isClock) && window.length === 2) &&
        Number.isFinite(offset) &&
        isListOf(days, inDay) &&
        (calendar === undefined || hasKey(this.#book.calendars, calendar)) &&
        (factor === undefined || isAmount(factor));
      this.#expect(holds, where, 'a schedule');
    });
    this.#each('variants', (group, where) => {
      for (const [name, variant] of Object.entries(group)) {
        this.#expect(variantCode(name) !== undefined, `${where}.${name}`, 'a variant that this version knows');
        this.#variant(variant, `${where}.${name}`);
      }
    });
  }

  periods(): void {
    const { periods } = this.#book;
    if (!Array.isArray(periods)) {
      this.#expect(false, 'periods', 'a list');
      return;
    }
    periods.forEach((period: unknown, index) => {
      const where = `periods[${index}]`;
      if (!isMap(period)) {
        this.#expect(false, where, 'a period');
        return;
      }
      this.#rates(period.r, `${where}.r`);
      this.#tiers(period.l, `${where}.l`);
      if (period.p !== undefined) this.#rates(period.p, `${where}.p`);
      this.#expect(
        period.v === undefined || hasKey(this.#book.variants, period.v),
        `${where}.v`,
        'a group of variants',
      );
      this.#expect(period.s === undefined || hasKey(this.#book.schedules, period.s), `${where}.s`, 'a schedule');
    });
  }

  sellers(): void {
    this.#each('sellers', ({ url, rows }, where) => {
      this.#expect(url === undefined || isIndex(url, this.#book.urls), `${where}.url`, 'a place in urls');
      if (!Array.isArray(rows)) {
        this.#expect(false, where, 'a list of rows');
        return;
      }
      const names = new Set<string>();
      for (const row of rows) this.#row(row, where, names);
    });
  }

  #row(row: unknown, where: string, names: Set<string>): void {
    if (!Array.isArray(row) || !isText(row[0]) || !Array.isArray(row[1])) {
      this.#expect(false, where, 'a list of rows');
      return;
    }
    const [model, periods, options = {}] = row as [string, unknown[], unknown];
    const here = `${where}.${model}`;
    if (!isMap(options)) {
      this.#expect(false, here, 'a row');
      return;
    }
    const aliases = options.a ?? [];
    this.#expect(isListOf(aliases, isText), `${here}.a`, 'a list of texts');
    for (const name of [model, ...(Array.isArray(aliases) ? aliases : [])]) {
      const key = String(name).toLowerCase();
      this.#expect(!names.has(key), `${here}: "${key}"`, 'the name of one row only');
      names.add(key);
    }
    this.#expect(options.w === undefined || isIndex(options.w, this.#book.urls), `${here}.w`, 'a place in urls');
    this.#expect(options.u === undefined || isIndex(options.u, this.#book.reasons), `${here}.u`, 'a place in reasons');
    this.#expect(options.o === undefined || isIndex(options.o, this.#book.origins), `${here}.o`, 'a place in origins');
    const priced = periods.length > 0 || options.free === 1 || options.u !== undefined;
    this.#expect(priced, here, 'priced, free or unpriced with a reason');
    this.#starts(periods, here);
  }

  #starts(periods: readonly unknown[], where: string): void {
    let last = Number.NEGATIVE_INFINITY;
    periods.forEach((period, index) => {
      const [from, at] = Array.isArray(period) ? period : [undefined, period];
      const start = typeof from === 'string' ? Date.parse(from) : Number.NEGATIVE_INFINITY;
      const dated = from === undefined ? index === 0 : start > last;
      this.#expect(
        dated && isIndex(at, this.#book.periods),
        `${where}[${index}]`,
        'a later start with a place in periods',
      );
      last = start;
    });
  }

  #variant(variant: unknown, where: string): void {
    if (!isMap(variant)) {
      this.#expect(false, where, 'a variant');
      return;
    }
    const { f, x, r, l } = variant;
    this.#expect(f === undefined ? isMap(r) : isAmount(f), where, 'a factor or rates');
    this.#expect(x === undefined || isListOf(x, isMeter), `${where}.x`, 'a list of meters');
    if (r !== undefined) this.#rates(r, `${where}.r`);
    this.#tiers(l, `${where}.l`);
  }

  #tiers(tiers: unknown, where: string): void {
    if (tiers === undefined) return;
    if (!Array.isArray(tiers)) {
      this.#expect(false, where, 'a list of tiers');
      return;
    }
    tiers.forEach((tier: unknown, index) => {
      const [at, bound, rates] = Array.isArray(tier) ? tier : [];
      this.#expect(Number.isInteger(at) && [0, 1, 2].includes(bound), `${where}[${index}]`, 'a tier');
      this.#rates(rates, `${where}[${index}]`);
    });
  }

  #rates(rates: unknown, where: string): void {
    if (!isMap(rates)) {
      this.#expect(false, where, 'rates');
      return;
    }
    for (const [meter, usd] of Object.entries(rates)) {
      this.#expect(isMeter(meter), `${where}.${meter}`, 'a meter that this version knows');
      this.#expect(isAmount(usd) && Number(usd) <= MAX_USD, `${where}.${meter}`, `a price from 0 to ${MAX_USD} USD`);
    }
  }

  #each(name: string, visit: (value: Fields, where: string) => void): void {
    const values = this.#book[name];
    if (!isMap(values)) {
      this.#expect(false, name, 'a mapping');
      return;
    }
    for (const [key, value] of Object.entries(values)) {
      if (isMap(value)) visit(value, `${name}.${key}`);
      else this.#expect(false, `${name}.${key}`, 'a mapping');
    }
  }
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasKey(map: unknown, key: unknown): boolean {
  return isMap(map) && typeof key === 'string' && Object.hasOwn(map, key);
}

function isListOf(value: unknown, of: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.every(of);
}

function isIndex(value: unknown, list: unknown): boolean {
  return Array.isArray(list) && Number.isInteger(value) && Number(value) >= 0 && Number(value) < list.length;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 2048;
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && DAY.test(value) && !Number.isNaN(Date.parse(value));
}

function isClock(value: unknown): boolean {
  return typeof value === 'string' && CLOCK.test(value);
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}

function isMeter(value: unknown): boolean {
  return typeof value === 'string' && Object.hasOwn(METER_INDEX, value);
}
