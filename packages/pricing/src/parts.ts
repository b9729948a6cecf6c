/** Exact amounts by meter: doubles while they are exact, big integers where somebody looks at them. */
import { lowestBit } from './measure.ts';
import { METERS, type Meter } from './meters.ts';
import { multiply } from './money.ts';

/** Amounts of the meters of one or several usage vectors; together they are `total`. */
export class Parts {
  /** Meters of `#exact`, ascending, one bit each. */
  #meters = 0;
  /** Whole pico-USD. Their sum is `#sum`, which a double holds exactly. */
  readonly #exact: number[] = [];
  #sum = 0;
  /** What is beyond doubles, and what was merged. */
  #large: Record<string, bigint> | undefined = undefined;

  /** Adds `rate` times `quantity` of a meter; in the order of the meter table, each once. */
  add(index: number, rate: number, quantity: number): void {
    const product = rate * quantity;
    const sum = this.#sum + product;
    if (Number.isSafeInteger(product) && Number.isSafeInteger(sum)) {
      this.#meters |= 1 << index;
      this.#exact.push(product);
      this.#sum = sum;
    } else this.#put((METERS[index] as Meter).name, multiply(rate, quantity));
  }

  /** Adds every amount of `other`. */
  merge(other: Parts): void {
    for (const [name, pico] of Object.entries(other.byMeter())) this.#put(name, pico);
  }

  /** pico-USD. */
  total(): bigint {
    let total = BigInt(this.#sum);
    if (this.#large !== undefined) for (const pico of Object.values(this.#large)) total += pico;
    return total;
  }

  /** The total in USD, where a double holds its pico-dollars: cheaper than by way of a big integer. */
  exactUsd(): number | undefined {
    return this.#large === undefined ? this.#sum / 1e12 : undefined;
  }

  /** By meter name; a new object at each call. */
  byMeter(): Record<string, bigint> {
    const result: Record<string, bigint> = {};
    let meters = this.#meters;
    for (const product of this.#exact) {
      result[(METERS[lowestBit(meters)] as Meter).name] = BigInt(product);
      meters &= meters - 1;
    }
    if (this.#large === undefined) return result;
    for (const [name, pico] of Object.entries(this.#large)) result[name] = (result[name] ?? 0n) + pico;
    return result;
  }

  #put(name: string, pico: bigint): void {
    this.#large ??= {};
    this.#large[name] = (this.#large[name] ?? 0n) + pico;
  }
}
