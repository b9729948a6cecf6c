/**
 * What one scope value of a budget has spent in one environment.
 *
 * `spent` is the live window's: own calls and those of all who share the store. A threshold that is crossed is in `told`
 * until the window ends; `next` is the quantity above which the next one is crossed, so that a call costs one comparison.
 */
import { type Budget, quantityAt } from '../budget.ts';
import type { Period } from '../windows/calendar.ts';
import { type Cell, type Grid, noTotals, type Totals } from '../windows/cells.ts';
import { Chain } from './chain.ts';

/** A window that is over. */
export interface PastWindow extends Period {
  readonly totals: Totals;
}

export class Account {
  readonly budget: Budget;
  readonly environment: string | undefined;
  /** The value of `each`. */
  readonly value: string | undefined;
  /** Identity in every store: environment, budget, window and value. */
  readonly key: string;
  readonly chain: Chain | undefined;
  readonly cells: Map<number, Cell> = new Map();
  readonly grid: Grid;
  spent = 0;
  /** Held for calls that are under way. */
  held = 0;
  /** Ascending. */
  told: number[] = [];
  next: number;
  /** When a call last touched it, Unix milliseconds. */
  touched = 0;
  /** What tells this window's edges from those of others: its start, and for a rolling one the last time it was reset. */
  epoch = 0;
  #from: number;
  #kept: number;
  #until: number;
  #cell: Cell | undefined;

  constructor(
    budget: Budget,
    grid: Grid,
    key: string,
    environment: string | undefined,
    value: string | undefined,
    now: number,
  ) {
    this.budget = budget;
    this.grid = grid;
    this.key = key;
    this.environment = environment;
    this.value = value;
    this.chain = budget.measure === 'turns' ? new Chain() : undefined;
    this.next = this.#nextThreshold();
    const live = grid.live(now);
    this.#from = live.from;
    this.#kept = grid.keptFrom(now);
    this.#until = live.end;
    if (budget.window.kind === 'calendar') this.epoch = live.start;
  }

  /** First moment of another live window, or of a rolling one that has lost its oldest part. */
  get until(): number {
    return this.#until;
  }

  /** First slot of the live window. */
  get from(): number {
    return this.#from;
  }

  /** First slot that is kept, for calls that end after their window has. */
  get kept(): number {
    return this.#kept;
  }

  /** Whether the live window is not the one that it was. Cheap while it is. */
  isStale(now: number): boolean {
    return now >= this.#until;
  }

  /** Moves on to the live window. `onEnd` runs while the account is still the window's that ended. */
  advance(now: number, onEnd: (account: Account) => void): void {
    if (now < this.#until) return;
    const calendar = this.budget.window.kind === 'calendar';
    if (calendar && this.told.length > 0) onEnd(this);
    const live = this.grid.live(now);
    this.#from = live.from;
    this.#kept = this.grid.keptFrom(now);
    this.#until = live.end;
    if (calendar) {
      this.epoch = live.start;
      this.rearm();
    }
    this.#cell = undefined;
    for (const [slot, cell] of this.cells) if (cell.gone <= now) this.cells.delete(slot);
    this.recount();
  }

  /** Books what a call came to in the cell of its start, which may be of a window that is over. */
  book(startTime: number, quantity: number, countAt: number): Cell {
    const slot = this.grid.slotOf(startTime);
    let cell = this.#cell;
    if (cell === undefined || cell.slot !== slot) {
      cell = this.cell(slot);
      this.#cell = cell;
    }
    const { own } = cell;
    own[0] = (own[0] as number) + quantity;
    own[countAt] = (own[countAt] as number) + 1;
    if (slot >= this.#from) this.spent += quantity;
    return cell;
  }

  cell(slot: number): Cell {
    let cell = this.cells.get(slot);
    if (cell === undefined) {
      const { grid } = this;
      const [end, gone] = [grid.endOf(slot), grid.goneAt(slot)];
      cell = { slot, end, gone, own: noTotals(), others: noTotals(), dirty: false };
      this.cells.set(slot, cell);
    }
    return cell;
  }

  /** Adds up the live cells anew: after something but a call of this process has changed them. */
  recount(): void {
    let spent = 0;
    for (const { slot, own, others } of this.cells.values()) {
      if (slot >= this.#from) spent += (own[0] as number) + (others[0] as number);
    }
    this.spent = spent;
  }

  /** Quantity and counts of the live window. */
  totals(): Totals {
    return this.#sum(this.#from, Number.POSITIVE_INFINITY);
  }

  /** Of the windows that a cell was part of, the one in which most was spent, as far as its cells are kept. */
  past({ slot }: Cell): PastWindow {
    let most: PastWindow | undefined;
    for (const [first, last] of this.grid.windowsOf(slot)) {
      const totals = this.#sum(first, last);
      if (most === undefined || (totals[0] as number) > (most.totals[0] as number)) {
        most = { ...this.grid.spanOf(first), totals };
      }
    }
    return most as PastWindow;
  }

  #sum(first: number, last: number): Totals {
    const sum = noTotals();
    for (const { slot, own, others } of this.cells.values()) {
      if (slot < first || slot > last) continue;
      for (let index = 0; index < sum.length; index++) {
        sum[index] = (sum[index] as number) + (own[index] as number) + (others[index] as number);
      }
    }
    return sum;
  }

  /** The thresholds that are crossed and not told of. */
  crossed(): number[] {
    return crossedBy(this.budget, this.spent).filter((threshold) => !this.told.includes(threshold));
  }

  tell(thresholds: readonly number[]): void {
    this.told = [...new Set([...this.told, ...thresholds])].sort((a, b) => a - b);
    this.next = this.#nextThreshold();
  }

  /** All thresholds may be told of again. */
  rearm(): void {
    this.told = [];
    this.next = this.#nextThreshold();
  }

  /** When spend is back to at most that quantity, if nothing more is spent. Undefined for a request. */
  backAt(quantity: number, now: number): number | undefined {
    const { kind } = this.budget.window;
    if (kind === 'calendar') return this.#until;
    if (kind !== 'rolling') return undefined;
    let left = this.spent;
    const live = [...this.cells.values()].filter(({ slot }) => slot >= this.#from).sort((a, b) => a.slot - b.slot);
    for (const { end, own, others } of live) {
      if (left <= quantity) break;
      left -= (own[0] as number) + (others[0] as number);
      if (left <= quantity) return end;
    }
    return now;
  }

  #nextThreshold(): number {
    const { amount, thresholds } = this.budget;
    const next = thresholds.find((threshold) => !this.told.includes(threshold));
    return next === undefined ? Number.POSITIVE_INFINITY : quantityAt(amount, next);
  }
}

/** The thresholds below that quantity, ascending. */
export function crossedBy({ amount, thresholds }: Budget, quantity: number): number[] {
  return thresholds.filter((threshold) => quantity > quantityAt(amount, threshold));
}
