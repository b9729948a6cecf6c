/**
 * The vocabulary of this package.
 *
 * A **budget** is an amount of a **measure** (USD, tokens, calls, turns) for a **scope** and a **window**. Its scope is all
 * calls, those that **match**, or **each** value of one key on its own; the environment always belongs to it, so that
 * staging never trips a budget of production. What one value has spent in one environment is an **account**. A threshold is
 * crossed when `spent > amount * threshold`; then the account has an **edge** (`alerts/types.ts`).
 *
 * Quantities are whole numbers in doubles: nano-USD (1e-9 USD; exact up to $9,007,199), tokens, calls or turns. The cost of
 * a call is rounded to a nano-USD once.
 */
import type { AlertAction, BudgetUnit, WindowKind } from './alerts/types.ts';

/**
 * What a budget counts. `turns` are calls of one request in a row, each with the prompt of the one before it and its answer
 * in its own prompt: what an agent does, and a batch does not.
 */
export type Measure = BudgetUnit | 'turns';

export type CalendarUnit = 'hour' | 'day' | 'week' | 'month';

/** The window of a budget; `label` is how the configuration writes it, and part of the budget's identity. */
export type WindowSpec =
  | { readonly kind: 'call' | 'request'; readonly label: string }
  | { readonly kind: 'rolling'; readonly label: string; readonly milliseconds: number }
  | {
      readonly kind: 'calendar';
      readonly label: string;
      readonly unit: CalendarUnit;
      /** IANA name. */
      readonly timezone: string;
      /** First day of a week, 1 (Monday) to 7. */
      readonly weekStart: number;
    };

/**
 * - `observe`: told after the call. Worst overshoot: whatever is called before somebody acts.
 * - `check`: refused once the amount is spent, on what is known. Worst overshoot: the calls that are in flight.
 * - `reserve`: an upper estimate is held before the call. Worst overshoot: see `hold`.
 */
export type Enforcement = 'observe' | 'check' | 'reserve';

/**
 * What `reserve` holds for the output. `max`: `max_tokens`, else the most that the model can write; worst overshoot: the
 * error of the input estimate. `learned`: what 95 % of the calls of that feature and model stay below; worst overshoot: the
 * sum, over the calls in flight, of the maximum minus the hold.
 */
export type HoldKind = 'max' | 'learned';

export interface Budget {
  readonly name: string;
  readonly measure: Measure;
  /** Whole, greater than 0, in the measure's quantity. */
  readonly amount: number;
  readonly window: WindowSpec;
  /** Keys and the values one of which a call must have; a value with `*` at its end stands for any rest. */
  readonly match: Readonly<Record<string, readonly string[]>>;
  /** One budget per value of this key. A call without the key does not count. */
  readonly each?: string;
  /** Ascending shares of the amount; 1 is 100 %. */
  readonly thresholds: readonly number[];
  readonly enforce: Enforcement;
  readonly hold: HoldKind;
  /** What happens to a call of which a USD budget cannot know the price. */
  readonly onUnpriced: 'allow' | 'warn' | 'block';
  /** What happens to a call while the shared store does not answer. */
  readonly onStoreDown: 'allow' | 'block';
  readonly actions: readonly AlertAction[];
  readonly owner?: string;
  readonly team?: string;
  readonly renotifyMs?: number;
}

/** nano-USD in one USD. */
export const NANO_PER_USD = 1_000_000_000;

/** The unit in which messages and edges speak of it. */
export function unitOf(measure: Measure): BudgetUnit {
  return measure === 'turns' ? 'calls' : measure;
}

/** A quantity as edges carry it: pico-USD, tokens or calls. */
export function edgeQuantity(measure: Measure, quantity: number): bigint {
  return BigInt(Math.round(quantity)) * (measure === 'usd' ? 1000n : 1n);
}

/** Exact pico-USD as nano-USD, rounded to the nearest. */
export function nanoOf(pico: bigint): number {
  return Number((pico + 500n) / 1000n);
}

/** For people: `$1.2500`, `12,000 tokens`, `1 call`. */
export function quantityText(measure: Measure, quantity: number): string {
  if (measure !== 'usd') return `${numberText(measure, quantity)} ${quantity === 1 ? measure.slice(0, -1) : measure}`;
  return numberText(measure, quantity);
}

/** For people: `$1.2500 of $5.0000`, `1,100 of 5,000 tokens`. */
export function shareText(measure: Measure, quantity: number, amount: number): string {
  return `${numberText(measure, quantity)} of ${quantityText(measure, amount)}`;
}

function numberText(measure: Measure, quantity: number): string {
  if (measure !== 'usd') return quantity.toLocaleString('en-US');
  const usd = quantity / NANO_PER_USD;
  return usd > 0 && usd < 0.0001 ? '<$0.0001' : `$${usd.toFixed(4)}`;
}

/** Whether spend is over with the call or request itself, so that nothing of it is kept. */
export function isShort(kind: WindowKind): boolean {
  return kind === 'call' || kind === 'request';
}

/**
 * The quantity at which a threshold of an amount stands; what is more has crossed it. 29 % of 100 are 29, and not the
 * 28.999999999999996 that the product is: quantities are whole, so a product next to a whole number is that number.
 */
export function quantityAt(amount: number, threshold: number): number {
  const product = amount * threshold;
  const whole = Math.round(product);
  return Math.abs(product - whole) <= whole * Number.EPSILON ? whole : product;
}
