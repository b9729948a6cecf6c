/**
 * Budgets at work in a process: every call passes `record` when it has ended, and is booked in the accounts of all budgets
 * that are about it, in the window in which it started. What that crosses, `lifecycle.ts` tells.
 */
import type { CallRecord } from '@tokenmeter/ledger';
import type { BudgetEdge, BudgetIdentity } from './alerts/types.ts';
import type { Budget } from './budget.ts';
import type { Account } from './evaluate/account.ts';
import { callEdge } from './evaluate/edges.ts';
import { type Quantities, quantitiesOf } from './evaluate/quantities.ts';
import { RecentCalls } from './evaluate/recent.ts';
import { isKept, parseAccountKey, Tracker, windowKey } from './evaluate/tracker.ts';
import { Lifecycle } from './lifecycle.ts';
import { memoryState } from './store/memory.ts';
import { type Booking, type BudgetState, type Held, isShared, type SharedState } from './store/state.ts';
import { COUNT_AT } from './windows/cells.ts';

export interface EngineOptions {
  readonly budgets: readonly Budget[];
  /** Told of each edge, once. Must not throw. */
  readonly onEdge: (edge: BudgetEdge) => void;
  /** Told of an alert that another process, or an earlier one, has told of and that holds. */
  readonly onResume?: (edge: BudgetEdge) => void;
  /** Default: nothing is kept. */
  readonly state?: BudgetState;
  /** Told once per budget whose values share an account. */
  readonly onWarning?: (message: string) => void;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** A call that is booked, and all that budgets ask about it. */
interface Entry {
  readonly record: CallRecord;
  /** Whose budget per request it counts towards. */
  readonly request: string;
  readonly quantities: Quantities;
  /** Where its cost status is counted in totals. */
  readonly countAt: number;
  readonly now: number;
  /** Where the state is shared: what it is to be told. */
  readonly bookings: Booking[] | undefined;
}

/** Models that warnings name. */
const MOST_WARNINGS = 50;

export class Engine {
  readonly trackers: readonly Tracker[];
  readonly state: BudgetState;
  /** The state, where it decides about calls itself. */
  readonly shared: SharedState | undefined;
  readonly #options: EngineOptions;
  readonly #now: () => number;
  readonly #recent = new RecentCalls();
  readonly #lifecycle: Lifecycle;
  readonly #unpriced = new Set<string>();
  /** Accounts of which a shared state has still to say what is spent: only `adopt` waits for that. */
  readonly #opening = new Set<Promise<void>>();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.state = options.state ?? memoryState();
    this.shared = isShared(this.state) ? this.state : undefined;
    this.#lifecycle = new Lifecycle({
      state: this.state,
      recent: this.#recent,
      now: this.#now,
      onEdge: options.onEdge,
      onResume: options.onResume ?? (() => {}),
    });
    this.trackers = options.budgets.map(
      (budget) =>
        new Tracker(budget, {
          onAccount: (account) => this.#opened(account),
          onEnd: this.#lifecycle.ended,
          onCapped: ({ name, each }) =>
            options.onWarning?.(
              `budget "${name}" has seen more values of ${each} than it keeps apart; the rest share one account, _other.`,
            ),
        }),
    );
    this.state.listen((account) => this.review(account));
    const claims = this.state.claims();
    if (claims instanceof Promise) void claims.then((found) => this.#lifecycle.takeOver(found, this.trackers));
    else this.#lifecycle.takeOver(claims, this.trackers);
  }

  /**
   * Books a call that has ended, and settles what was held for it. Where no threshold is crossed and the state is local, no
   * budget allocates anything.
   */
  record(record: CallRecord, held?: Held): void {
    const bookings: Booking[] | undefined = this.shared && [];
    const entry: Entry = {
      record,
      request: record.attribution.request ?? record.traceId,
      quantities: quantitiesOf(record),
      countAt: COUNT_AT[record.cost.status],
      now: this.#now(),
      bookings,
    };
    this.#recent.add(record);
    for (let index = 0; index < this.trackers.length; index++) {
      const tracker = this.trackers[index] as Tracker;
      if (tracker.test(record)) this.#book(tracker, entry);
    }
    if (bookings !== undefined && (bookings.length > 0 || held !== undefined)) this.shared?.settle(bookings, held);
    if (record.cost.status === 'unpriced') this.#warnUnpriced(record);
  }

  #book(tracker: Tracker, { record, request, quantities, countAt, now, bookings }: Entry): void {
    const { budget } = tracker;
    let quantity = quantities[budget.measure];
    if (budget.window.kind === 'call') {
      const edge = callEdge(budget, record, quantity, { store: this.state.id, now });
      if (edge) this.#options.onEdge(edge);
      return;
    }
    const account = tracker.accountOf(record, request, now);
    if (account === undefined) return;
    if (account.chain) {
      account.chain.add(record);
      quantity = Math.max(0, account.chain.turns - account.spent);
    }
    account.touched = now;
    const cell = account.book(record.startTime + (this.shared?.skew ?? 0), quantity, countAt);
    if (bookings !== undefined) bookings.push({ account, cell, quantity, countAt });
    else if (!cell.dirty) {
      cell.dirty = true;
      this.state.changed(account, cell);
    }
    if (cell.slot < account.from) this.#lifecycle.late(account, cell, record);
    else if (account.spent > account.next) this.#lifecycle.crossed(account, record);
  }

  #warnUnpriced(record: CallRecord): void {
    const model = `${record.provider}/${record.responseModel ?? record.requestModel}`;
    if (this.#unpriced.has(model) || this.#unpriced.size >= MOST_WARNINGS) return;
    this.#unpriced.add(model);
    const deaf = this.trackers.filter(
      ({ budget, test }) => budget.measure === 'usd' && budget.onUnpriced === 'warn' && test(record),
    );
    if (deaf.length === 0) return;
    const names = deaf.map(({ budget }) => `"${budget.name}"`).join(', ');
    this.#options.onWarning?.(
      `budget ${names} cannot count ${model}: its price is not known. Its calls add nothing; add the model to prices in tokenmeter.yaml, or set onUnpriced to allow or block.`,
    );
  }

  /** Looks whether time alone, or other processes, have moved an account across a threshold. Cheap where nothing did. */
  review(account: Account): void {
    const now = this.#now();
    if (account.isStale(now)) account.advance(now, this.#lifecycle.ended);
    if (account.spent > account.next) this.#lifecycle.crossed(account, undefined);
  }

  /** Resets what is over: by a timer, while anything is alarmed. */
  tick(): void {
    this.#lifecycle.tick();
  }

  /** Opens the accounts that others have spent on: for whoever looks at budgets without making calls. */
  async adopt(): Promise<void> {
    const now = this.#now();
    for (const key of await this.state.keys()) {
      const { environment, name, window, value } = parseAccountKey(key);
      const tracker = this.trackers.find(
        ({ budget }) =>
          budget.name === name &&
          windowKey(budget.window) === window &&
          (budget.each === undefined) === (value === undefined),
      );
      if (tracker && isKept(tracker.budget)) tracker.account(environment, value, undefined, now);
    }
    await Promise.all(this.#opening);
  }

  /** Every account, with its live window. */
  *accounts(): Generator<Account> {
    const now = this.#now();
    for (const tracker of this.trackers) {
      for (const account of tracker.accounts.values()) {
        if (account.isStale(now)) account.advance(now, this.#lifecycle.ended);
        yield account;
      }
    }
  }

  /** The account that an identity names, if it is open. */
  accountOf({ budget, environment, scope }: BudgetIdentity): Account | undefined {
    for (const account of this.accounts()) {
      if (account.budget.name !== budget || account.environment !== environment) continue;
      if ((account.budget.each === undefined ? undefined : account.value) === scope?.value) return account;
    }
    return undefined;
  }

  /** The edge that an account is in; undefined while it is OK. */
  edgeOf(account: Account): BudgetEdge | undefined {
    return this.#lifecycle.edgeOf(account);
  }

  /** Whether this process is the one that tells of an edge for the so-many-th time more. Never rejects. */
  async claimAgain({ identity, threshold }: BudgetEdge, round: number): Promise<boolean> {
    const account = this.accountOf(identity);
    return account !== undefined && (await this.#lifecycle.claimAgain(account, threshold, round));
  }

  #opened(account: Account): void {
    const opened = this.state.open(account);
    if (opened instanceof Promise) {
      this.#opening.add(opened);
      void opened.then(() => this.#opening.delete(opened));
    }
    if (account.budget.window.kind === 'request') return;
    account.recount();
  }
}
