/**
 * Settlements that Redis has not confirmed. Each goes with its id until it is taken, so that it counts once however often it
 * is sent. There are at most so many; when there would be more, the oldest ones that were never sent are added up by cell.
 */
import { randomBytes } from 'node:crypto';
import type { Account } from '../../evaluate/account.ts';
import type { Cell } from '../../windows/cells.ts';
import type { Booking } from '../state.ts';

export interface Settlement {
  readonly id: string;
  readonly bookings: readonly Booking[];
  readonly held: ReadonlyMap<Account, number>;
  /** It may have been taken already: it keeps its id. */
  sent?: boolean;
  /** Set while it is under way. */
  sending?: Promise<void>;
}

const MOST = 10_000;

export class Waiting {
  readonly #all = new Map<string, Settlement>();

  add(id: string, bookings: readonly Booking[], held: ReadonlyMap<Account, number>): Settlement {
    if (this.#all.size >= MOST) this.#fold();
    const settlement: Settlement = { id, bookings, held };
    this.#all.set(id, settlement);
    return settlement;
  }

  /** Redis has it: the cells count it no more, since Redis says it. */
  confirm({ id, bookings }: Settlement): void {
    if (!this.#all.delete(id)) return;
    for (const { cell, quantity, countAt } of bookings) subtract(cell, quantity, countAt);
  }

  all(): Settlement[] {
    return [...this.#all.values()];
  }

  #fold(): void {
    const sums = new Map<Cell, Map<number, Booking>>();
    let left = MOST / 2;
    for (const { id, bookings, sent } of this.#all.values()) {
      if (left-- <= 0) break;
      if (sent) continue;
      this.#all.delete(id);
      for (const booking of bookings) fold(sums, booking);
    }
    for (const byStatus of sums.values()) {
      for (const booking of byStatus.values()) {
        const id = newId();
        this.#all.set(id, { id, bookings: [booking], held: new Map() });
      }
    }
  }
}

export function newId(): string {
  return randomBytes(12).toString('hex');
}

function fold(sums: Map<Cell, Map<number, Booking>>, { account, cell, quantity, countAt }: Booking): void {
  if (countAt === undefined) return;
  const byStatus = sums.get(cell) ?? new Map<number, Booking>();
  sums.set(cell, byStatus);
  const before = byStatus.get(countAt);
  byStatus.set(countAt, { account, cell, quantity: quantity + (before?.quantity ?? 0), countAt });
  // What is added up is one call of the coverage; its quantity is exact.
  if (before) subtract(cell, 0, countAt);
}

function subtract({ own }: Cell, quantity: number, countAt: number | undefined): void {
  if (countAt === undefined) return;
  own[0] = (own[0] as number) - quantity;
  own[countAt] = (own[countAt] as number) - 1;
}
