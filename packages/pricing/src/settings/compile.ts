/** Checks price settings and turns them into what the engine uses. */
import type { PriceBook, RateSet } from '../book/model.ts';
import { withFallbacks } from '../book/rates.ts';
import { matchModel } from '../match.ts';
import { METER_COUNT, METERS, type Meter, type MeterName, UNITS_PER } from '../meters.ts';
import { decimalToInteger } from '../money.ts';
import { type Seller, sellerOfName } from '../sellers.ts';
import {
  type PriceDiscount,
  type PriceOverride,
  type PriceSettings,
  PriceSettingsError,
  type PriceSettingsIssue,
} from './types.ts';

/** A span of time, Unix ms, half-open. */
interface InForce {
  readonly from: number;
  readonly until: number;
  readonly label?: string;
}

export interface CompiledOverride extends InForce {
  /** Absent: every seller. */
  readonly seller?: string;
  /** Lower case. */
  readonly model: string;
  readonly rates: RateSet;
  readonly effectiveFrom?: string;
}

export interface CompiledDiscount extends InForce {
  readonly seller?: string;
  readonly model?: string;
  readonly meter?: MeterName;
  /** What remains to be paid, in millionths. */
  readonly remaining: bigint;
}

export interface CompiledSettings {
  readonly overrides: readonly CompiledOverride[];
  readonly discounts: readonly CompiledDiscount[];
  /** Lower-case `seller/model` or `model` -> where to look instead. */
  readonly aliases: ReadonlyMap<string, { readonly seller: Seller; readonly model: string }>;
}

const MAX_USD = 1000;
const MIN_USD_PER_MILLION = 0.0001;
const MAX_DISTANCE_FROM_LIST = 100;
const OVERRIDE_KEYS: readonly string[] = ['provider', 'model', 'from', 'until', 'label'];
const DISCOUNT_KEYS: readonly string[] = ['provider', 'model', 'meter', 'percent', 'from', 'until', 'label'];
const METER_NAMES: readonly string[] = METERS.map((meter) => meter.name);

/** Throws {@link PriceSettingsError} with every issue. `book` is asked for list prices, to find wrong units. */
export function compileSettings(settings: PriceSettings, book: PriceBook): CompiledSettings {
  const check = new Check();
  const overrides = check.list(settings.overrides, 'overrides').map((entry, index) => {
    return compileOverride(entry as PriceOverride, check.at('overrides', index), book);
  });
  const discounts = discountList(settings.discounts, check).map(([path, entry]) => {
    return compileDiscount(entry, check.at(...path));
  });
  const aliases = new Map<string, { seller: Seller; model: string }>();
  for (const [name, target] of Object.entries(settings.aliases ?? {})) {
    const to = splitName(String(target));
    if (to === undefined) {
      check
        .at('aliases', name)
        .add([], `"${target}" names no provider that we know`, 'Write it as provider/model, e.g. openai/gpt-4o');
    } else aliases.set(aliasKey(name), to);
  }
  if (check.issues.length > 0) throw new PriceSettingsError(check.issues);
  return { overrides, discounts, aliases };
}

/** Collects issues below a path. */
class Check {
  readonly issues: PriceSettingsIssue[];
  readonly #path: readonly (string | number)[];

  constructor(issues: PriceSettingsIssue[] = [], path: readonly (string | number)[] = []) {
    this.issues = issues;
    this.#path = path;
  }

  at(...path: readonly (string | number)[]): Check {
    return new Check(this.issues, [...this.#path, ...path]);
  }

  add(path: readonly (string | number)[], message: string, hint: string): void {
    this.issues.push({ path: [...this.#path, ...path], message, hint });
  }

  list(value: unknown, name: string): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    this.add([name], 'must be a list', `Start each entry of ${name} with a dash`);
    return [];
  }

  keys(entry: object, allowed: readonly string[]): void {
    for (const key of Object.keys(entry)) {
      if (!allowed.includes(key)) this.add([key], 'is not known', `Allowed: ${allowed.join(', ')}`);
    }
  }

  seller(provider: unknown): string | undefined {
    if (provider === undefined || provider === '*') return undefined;
    const seller = typeof provider === 'string' ? sellerOfName(provider) : undefined;
    if (seller === undefined)
      this.add(
        ['provider'],
        `"${provider}" is not known`,
        'Use a name such as openai or aws.bedrock, or leave it out: every provider',
      );
    return seller?.id;
  }

  span(entry: { from?: unknown; until?: unknown; label?: unknown }): InForce {
    const instant = (key: 'from' | 'until', absent: number): number => {
      const value = entry[key];
      if (value === undefined || value === null) return absent;
      const at = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : Number.NaN;
      if (Number.isNaN(at))
        this.add([key], `"${value}" is no date`, 'Use ISO 8601, e.g. 2026-11-01 or 2026-11-01T16:00:00Z');
      return at;
    };
    const from = instant('from', Number.NEGATIVE_INFINITY);
    const until = instant('until', Number.POSITIVE_INFINITY);
    if (until <= from) this.add(['until'], 'is not after "from"', 'The end is exclusive');
    return { from, until, label: typeof entry.label === 'string' ? entry.label : undefined };
  }
}

function compileOverride(entry: PriceOverride, check: Check, book: PriceBook): CompiledOverride {
  const own = new Float64Array(METER_COUNT).fill(Number.NaN);
  if (typeof entry !== 'object' || entry === null) check.add([], 'must be a mapping', 'Give provider, model and rates');
  const fields = (typeof entry === 'object' && entry !== null ? entry : {}) as PriceOverride;
  check.keys(fields, [...OVERRIDE_KEYS, ...METER_NAMES]);
  const seller = check.seller(fields.provider);
  const model = typeof fields.model === 'string' ? fields.model.trim().toLowerCase() : '';
  if (model === '') check.add(['model'], 'is missing', 'Name the model as the API does, e.g. gpt-4o');
  const list = listRates(book, seller, model);
  let rates = 0;
  METERS.forEach((meter, index) => {
    const value = fields[meter.name];
    if (value === undefined || value === null) return;
    rates++;
    const rate = compileRate(value, meter, list?.[index], check);
    if (rate !== undefined) own[index] = rate;
  });
  if (rates === 0) check.add([], 'gives no rate', 'Give at least input and output, in USD per 1M tokens');
  const span = check.span(fields);
  return {
    ...span,
    seller,
    model,
    rates: { name: '', rates: withFallbacks(own), tiers: [], tiersUnpublished: false },
    effectiveFrom: Number.isFinite(span.from) ? new Date(span.from).toISOString() : undefined,
  };
}

/** Whole pico-USD per unit; `undefined` after adding an issue. */
function compileRate(value: unknown, meter: Meter, list: number | undefined, check: Check): number | undefined {
  const unit = `USD per ${meter.unit.replace('million', '1M').replace('thousand', '1,000')}`;
  const pico =
    typeof value === 'number' || typeof value === 'string' ? decimalToInteger(String(value).trim(), 12) : undefined;
  const path = [meter.name];
  if (pico === undefined) {
    check.add(path, `"${value}" is no price`, `Write a plain number, ${unit}: 2.50, without currency or unit`);
    return undefined;
  }
  const usd = Number(pico) / 1e12;
  if (usd < 0) {
    check.add(path, `${value} is negative`, `Write ${unit}; for a reduction use prices.discounts`);
    return undefined;
  }
  if (usd > MAX_USD) {
    check.add(path, `${value} is more than $${MAX_USD.toLocaleString('en-US')}`, `The unit is ${unit}`);
    return undefined;
  }
  const tokens = meter.unit === 'million tokens';
  if (tokens && usd > 0 && usd < MIN_USD_PER_MILLION) {
    check.add(path, `${value} looks like USD per token`, `The unit is ${unit}: write ${trim(usd * 1e6)}`);
    return undefined;
  }
  const rate = Math.round((usd * 1e12) / UNITS_PER[meter.unit]);
  if (tokens && list !== undefined && list > 0 && rate > 0) {
    const distance = Math.max(list / rate, rate / list);
    if (distance > MAX_DISTANCE_FROM_LIST) {
      const hint = list > rate ? `USD per 1K tokens? The unit is ${unit}` : `cents? The unit is ${unit}`;
      check.add(path, `${value} is ${Math.round(distance)} times off the list price of ${trim(list / 1e6)}`, hint);
      return undefined;
    }
  }
  return rate;
}

function trim(usd: number): string {
  return String(Number(usd.toPrecision(6)));
}

function listRates(book: PriceBook, sellerId: string | undefined, model: string): Float64Array | undefined {
  const seller = sellerId === undefined ? undefined : sellerOfName(sellerId);
  const match = seller === undefined || model === '' ? undefined : matchModel(book, seller, model);
  return match?.row.periods[0]?.standard.rates.own;
}

function discountList(
  discounts: PriceSettings['discounts'],
  check: Check,
): readonly (readonly [path: readonly (string | number)[], entry: PriceDiscount])[] {
  if (discounts === undefined || discounts === null) return [];
  if (Array.isArray(discounts)) return discounts.map((entry, index) => [['discounts', index], entry as PriceDiscount]);
  if (typeof discounts !== 'object') {
    check.add(['discounts'], 'must be a list or a mapping', 'Write e.g. { anthropic: 25% }');
    return [];
  }
  return Object.entries(discounts).map(([provider, percent]) => {
    return [['discounts', provider], { provider, percent } as PriceDiscount];
  });
}

function compileDiscount(entry: PriceDiscount, check: Check): CompiledDiscount {
  const fields = typeof entry === 'object' && entry !== null ? entry : ({} as PriceDiscount);
  check.keys(fields, DISCOUNT_KEYS);
  const seller = check.seller(fields.provider);
  if (fields.meter !== undefined && !METER_NAMES.includes(fields.meter)) {
    check.add(['meter'], `"${fields.meter}" is not known`, `Allowed: ${METER_NAMES.join(', ')}`);
  }
  const text = String(fields.percent ?? '')
    .trim()
    .replace(/\s*%$/, '');
  // Millionths of the whole: 25 % is 250,000.
  const taken = decimalToInteger(text, 4);
  if (taken === undefined || taken < 0n || taken > 1_000_000n) {
    check.add(['percent'], `"${fields.percent}" is no discount`, 'Write what is taken off, from 0% to 100%: 25%');
  }
  const model = typeof fields.model === 'string' ? fields.model.trim().toLowerCase() : undefined;
  return { ...check.span(fields), seller, model, meter: fields.meter, remaining: 1_000_000n - (taken ?? 0n) };
}

/** `provider/model`, where the provider is one that we know; `undefined` otherwise. */
function splitName(name: string): { seller: Seller; model: string } | undefined {
  const slash = name.indexOf('/');
  const seller = slash > 0 ? sellerOfName(name.slice(0, slash)) : undefined;
  return seller === undefined || slash === name.length - 1 ? undefined : { seller, model: name.slice(slash + 1) };
}

/** Key of an alias: `seller/model` when it starts with a provider, else the bare name. */
export function aliasKey(name: string): string {
  const split = splitName(name);
  return (split === undefined ? name.trim() : `${split.seller.id}/${split.model.trim()}`).toLowerCase();
}
