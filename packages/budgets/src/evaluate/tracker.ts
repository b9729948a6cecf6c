/** One budget at work: whose account a call goes to. Bounded, however many tenants or requests there are. */
import { OTHER } from '@tokenmeter/semconv';
import { type Budget, isShort, type WindowSpec } from '../budget.ts';
import { readerOf, type ScopedCall, type Test, testOf } from '../scope.ts';
import { type Grid, gridOf } from '../windows/cells.ts';
import { Account } from './account.ts';

/** Accounts of one budget; the values past it share one, `_other`. */
const MOST_ACCOUNTS = 10_000;
/** A request is over when it has made no call for so long. */
const REQUEST_IDLE_MS = 15 * 60_000;
/** How many accounts are looked at for what can go, when a new one comes. */
const SWEEP = 20;

const SEPARATOR = '\u0000';

export interface TrackerHooks {
  /** A new account, before its first use. */
  readonly onAccount: (account: Account) => void;
  /** The account's window has ended while thresholds were crossed. */
  readonly onEnd: (account: Account) => void;
  /** Once: values have begun to share an account. */
  readonly onCapped: (budget: Budget) => void;
}

export class Tracker {
  readonly budget: Budget;
  readonly test: Test;
  readonly grid: Grid;
  readonly accounts: Map<string, Account> = new Map();
  readonly #hooks: TrackerHooks;
  readonly #read: ((call: ScopedCall) => string | undefined) | undefined;
  readonly #perRequest: boolean;
  #lastId: string | undefined;
  #last: Account | undefined;
  #capped = false;

  constructor(budget: Budget, hooks: TrackerHooks) {
    this.budget = budget;
    this.#hooks = hooks;
    this.test = testOf(budget.match);
    this.grid = gridOf(budget.window);
    this.#read = budget.each === undefined ? undefined : readerOf(budget.each);
    this.#perRequest = budget.window.kind === 'request';
  }

  /**
   * The account that a call goes to, made if need be; the live window is the one of `now`. Undefined for a call without
   * the key of `each`, and for one of a budget per request that belongs to no request.
   */
  accountOf(call: ScopedCall, request: string | undefined, now: number): Account | undefined {
    const value = this.#read?.(call);
    if (this.#read !== undefined && value === undefined) return undefined;
    if (this.#perRequest && request === undefined) return undefined;
    const account = this.account(call.attribution.environment, value, this.#perRequest ? request : undefined, now);
    if (account.isStale(now)) account.advance(now, this.#hooks.onEnd);
    return account;
  }

  account(
    environment: string | undefined,
    value: string | undefined,
    request: string | undefined,
    now: number,
  ): Account {
    const id = idOf(environment, value, request);
    if (id === this.#lastId && this.#last !== undefined) return this.#last;
    const account = this.accounts.get(id) ?? this.#open(id, environment, value, request, now);
    this.#lastId = id;
    this.#last = account;
    return account;
  }

  /** An account as it was in a window that is over. It is nobody's: no call reaches it. */
  past(environment: string | undefined, value: string | undefined, start: number): Account {
    return new Account(this.budget, this.grid, accountKey(this.budget, environment, value), environment, value, start);
  }

  #open(
    id: string,
    environment: string | undefined,
    value: string | undefined,
    request: string | undefined,
    now: number,
  ): Account {
    this.#sweep(now);
    if (this.accounts.size >= MOST_ACCOUNTS && value !== OTHER) {
      if (this.#perRequest) this.#forgetOldest();
      else {
        if (!this.#capped) this.#hooks.onCapped(this.budget);
        this.#capped = true;
        return this.account(environment, OTHER, undefined, now);
      }
    }
    const key = accountKey(this.budget, environment, value, request);
    const account = new Account(this.budget, this.grid, key, environment, value, now);
    account.touched = now;
    this.accounts.set(id, account);
    this.#hooks.onAccount(account);
    return account;
  }

  /** Looks at the oldest few: requests that are idle, and accounts whose windows are long over. */
  #sweep(now: number): void {
    let seen = 0;
    for (const [id, account] of this.accounts) {
      if (++seen > SWEEP) return;
      const idle = this.#perRequest ? account.touched + REQUEST_IDLE_MS <= now : this.#isOver(account, now);
      if (idle && account.held === 0) this.#forget(id);
      else if (this.#perRequest && account.touched !== now) {
        // Those still in use go to the end, so that the front is worth a look.
        this.accounts.delete(id);
        this.accounts.set(id, account);
      }
    }
  }

  #isOver(account: Account, now: number): boolean {
    if (account.told.length > 0 || !account.isStale(now)) return false;
    for (const cell of account.cells.values()) if (cell.gone > now || cell.dirty) return false;
    return true;
  }

  #forgetOldest(): void {
    const [oldest] = this.accounts.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(id: string): void {
    this.accounts.delete(id);
    if (this.#lastId === id) this.#lastId = undefined;
  }
}

function idOf(environment: string | undefined, value: string | undefined, request: string | undefined): string {
  const scope = request === undefined ? value : value === undefined ? request : value + SEPARATOR + request;
  if (environment === undefined) return scope ?? '';
  return scope === undefined ? environment : environment + SEPARATOR + scope;
}

/** The same in every process: `production/tenants/month@Europe%2FBerlin/tenant=acme`. */
export function accountKey(
  { name, window, each }: Budget,
  environment: string | undefined,
  value: string | undefined,
  request?: string,
): string {
  const parts = [environment ?? '', name, windowKey(window)];
  if (each !== undefined && value !== undefined) parts.push(`${each}=${value}`);
  if (request !== undefined) parts.push(request);
  return parts.map(encodeURIComponent).join('/');
}

/** What an {@link accountKey} says. */
export function parseAccountKey(key: string): { environment?: string; name: string; window: string; value?: string } {
  const [environment = '', name = '', window = '', scope] = key.split('/').map(decodeURIComponent);
  const value = scope?.slice(scope.indexOf('=') + 1);
  return { environment: environment || undefined, name, window, value };
}

export function windowKey(window: WindowSpec): string {
  if (window.kind !== 'calendar') return window.label;
  return `${window.label}@${window.timezone}${window.weekStart === 1 ? '' : `+${window.weekStart}`}`;
}

/** Whether its spend is kept in files: not what is over with the call or request itself. */
export function isKept({ window }: Budget): boolean {
  return !isShort(window.kind);
}
