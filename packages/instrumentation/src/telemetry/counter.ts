/**
 * A counter that counts exactly, whether or not somebody reads it yet: totals wait in memory until a MeterProvider exists
 * and asks for them.
 */
import type { Attributes } from '@opentelemetry/api';
import { AttributeSets, type AttributeSetsOptions } from './attribute-sets.ts';
import type { Series, Value } from './series.ts';

/** Arithmetic on what is counted. */
export interface Quantity<N> {
  readonly zero: N;
  readonly integer: boolean;
  readonly add: (a: N, b: N) => N;
  readonly subtract: (a: N, b: N) => N;
  /** In the unit of the instrument. */
  readonly toNumber: (amount: N) => number;
}

export const COUNT: Quantity<number> = {
  zero: 0,
  integer: true,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  toNumber: (count) => count,
};

const PICO_PER_USD = 1e12;

/** Integers of pico-USD, reported in USD: only the reported sum is rounded. */
export const PICO_USD: Quantity<bigint> = {
  zero: 0n,
  integer: false,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  toNumber: (pico) => Number(pico) / PICO_PER_USD,
};

interface Cell<N> {
  readonly attributes: Attributes;
  total: N;
  /** What of it the present MeterProvider has been told. */
  reported: N;
}

/** The side of a counter that a meter sees. */
export interface Observed {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly integer: boolean;
  /** Tells all totals. */
  observe(tell: (value: number, attributes: Attributes) => void): void;
  /**
   * A new MeterProvider takes over: what the one before was told is not told again. Both start at 0, as OTel's counters
   * do, so the sum over both is the truth in either temporality.
   */
  handOver(): void;
}

export type CounterOptions<N> = Pick<Observed, 'name' | 'unit' | 'description'> &
  Omit<AttributeSetsOptions<Cell<N>>, 'create' | 'instrument'> & { readonly quantity: Quantity<N> };

export class Counter<N> implements Observed {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly integer: boolean;
  readonly #quantity: Quantity<N>;
  readonly #cells: AttributeSets<Cell<N>>;

  constructor(options: CounterOptions<N>) {
    const { name, unit, description, quantity } = options;
    this.name = name;
    this.unit = unit;
    this.description = description;
    this.integer = quantity.integer;
    this.#quantity = quantity;
    const { zero } = quantity;
    this.#cells = new AttributeSets({
      ...options,
      instrument: name,
      create: (attributes) => ({ attributes, total: zero, reported: zero }),
    });
  }

  /** Adding zero makes the set known: it is reported as 0. */
  add(amount: N, series: Series, ...extra: readonly Value[]): void {
    const cell = this.#cells.of(series, extra);
    cell.total = this.#quantity.add(cell.total, amount);
  }

  observe(tell: (value: number, attributes: Attributes) => void): void {
    for (const cell of this.#cells.values()) {
      tell(this.#quantity.toNumber(cell.total), cell.attributes);
      cell.reported = cell.total;
    }
  }

  handOver(): void {
    for (const cell of this.#cells.values()) {
      cell.total = this.#quantity.subtract(cell.total, cell.reported);
      cell.reported = this.#quantity.zero;
    }
  }
}
