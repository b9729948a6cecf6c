/**
 * What budgets need of whatever keeps their state. The cells of an account are this process's own and, added up, those of
 * all others; edges are claimed, so that one process tells of them.
 */
import type { Account } from '../evaluate/account.ts';
import type { Cell } from '../windows/cells.ts';

/** What is remembered of a threshold that was told of, or of a window that was reset. */
export interface Claim {
  readonly key: string;
  readonly budget: string;
  readonly environment?: string;
  readonly value?: string;
  readonly epoch: number;
  /** A threshold, the end of what the thresholds of this epoch told, or a threshold that is told so many times more. */
  readonly what: number | 'reset' | `${number} again ${number}`;
  /** The budget's amount then. */
  readonly amount: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** Calendar: the window's end. A rolling one has none. */
  readonly end?: number;
  /** The window was over by then: nothing holds, and nothing is to be reset. */
  readonly late?: boolean;
}

export interface BudgetState {
  /** Names the store: one per `.tokenmeter/budgets`, one per Redis key space. */
  readonly id: string;
  /** For messages: the folder, or the Redis without its password. */
  readonly name: string;
  /** Whether windows of a request are shared as well. */
  readonly keepsRequests: boolean;
  /** A new account: what others, and earlier processes, have spent goes into its cells. Never rejects. */
  open(account: Account): void | Promise<void>;
  /** Keys of the accounts that have spent something. Never rejects. */
  keys(): string[] | Promise<string[]>;
  /** A cell has changed. Called once until the cell is written. */
  changed(account: Account, cell: Cell): void;
  /**
   * The claim that stands: this one for the process that may tell of it, the first that asks, else the other's. Never
   * rejects.
   */
  claim(claim: Claim): Claim | Promise<Claim>;
  /** Every claim that is remembered. Never rejects. */
  claims(): Claim[] | Promise<Claim[]>;
  /** The amount changed and the threshold is not crossed any more: it may be claimed anew. */
  release(claim: Claim): void;
  /** Who wants to know that others have changed the cells of an account; it is recounted by then. */
  listen(changed: (account: Account) => void): void;
  /** Writes and reads what has changed. Never rejects. */
  flush(): Promise<void>;
  /** Writes what is left, synchronously. Never throws. */
  close(): void;
}

/** What a call adds to a cell. Without a status it adds nothing, and only lets go of what was held. */
export interface Booking {
  readonly account: Account;
  readonly cell: Cell;
  readonly quantity: number;
  /** Where in the totals the call is counted. */
  readonly countAt?: number;
}

/** What an account is asked before a call. */
export interface Ask {
  readonly account: Account;
  /** To be held; 0: only what is spent is compared. */
  readonly asked: number;
}

/** What is held for a call, by the id under which it is settled. */
export interface Held {
  readonly id: string;
  readonly of: ReadonlyMap<Account, number>;
}

/** `down`: the store did not say in time. `refused`: the first account that has no room. */
export interface Verdict {
  readonly down?: boolean;
  readonly refused?: Account;
  /** What it holds for calls of all processes that are in flight. */
  readonly inFlight?: number;
  readonly held?: Held;
}

/** State that decides about calls itself, for processes on any host. */
export interface SharedState extends BudgetState {
  readonly isShared: true;
  /** Settles when it has answered or failed for the first time; never rejects. */
  ready(): Promise<void>;
  /** Whether it answered last time. */
  readonly isUp: boolean;
  /** Milliseconds by which its clock is ahead of this process's. */
  readonly skew: number;
  /** Compares and holds in one step, for all accounts or none. Settles within 50 ms; never rejects. */
  admit(asks: readonly Ask[]): Promise<Verdict>;
  /** Books a call that has ended: now, or as soon as the store answers. Counted once. */
  settle(bookings: readonly Booking[], held: Held | undefined): void;
}

export function isShared(state: BudgetState): state is SharedState {
  return 'isShared' in state;
}

/** Names a claim among those of a store. */
export function claimIdOf({ key, epoch, what }: Claim): string {
  return `${key}#${epoch}#${what}`;
}
