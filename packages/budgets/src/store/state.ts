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
  /** A threshold, or the end of what the thresholds of this epoch told. */
  readonly what: number | 'reset';
  /** The budget's amount then. */
  readonly amount: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** Calendar: the window's end. A rolling one has none. */
  readonly end?: number;
}

export interface BudgetState {
  /** Names the store: one per `.tokenmeter/budgets`, one per Redis key space. */
  readonly id: string;
  /** For messages: the folder, or the Redis without its password. */
  readonly name: string;
  /** Whether windows of a request are shared as well. */
  readonly keepsRequests: boolean;
  /** A new account: what others, and earlier processes, have spent goes into its cells. */
  open(account: Account): void;
  /** Keys of the accounts that have spent something. Never rejects. */
  keys(): string[] | Promise<string[]>;
  /** A cell has changed. Called once until the cell is written. */
  changed(account: Account, cell: Cell): void;
  /**
   * The claim that stands: this one for the process that may tell of it, the first that asks, else the other's. Never
   * rejects.
   */
  claim(claim: Claim): Claim | Promise<Claim>;
  /** Every claim that is remembered. */
  claims(): Claim[];
  /** The amount changed and the threshold is not crossed any more: it may be claimed anew. */
  release(claim: Claim): void;
  /** Who wants to know that others have changed the cells of an account; it is recounted by then. */
  listen(changed: (account: Account) => void): void;
  /** Writes and reads what has changed. Never rejects. */
  flush(): Promise<void>;
  /** Writes what is left, synchronously. Never throws. */
  close(): void;
}

/** Names a claim among those of a store. */
export function claimIdOf({ key, epoch, what }: Claim): string {
  return `${key}#${epoch}#${what}`;
}
