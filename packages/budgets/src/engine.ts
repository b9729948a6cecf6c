/**
 * Budgets at work in a process.
 *
 * Life cycle of an account: `OK` → `WARN` (a threshold below the amount is crossed) → `OVER` (the amount is) → `RESET`, when
 * its window ends or, for a rolling one, when spend has fallen to the lowest threshold. Each edge is told once per budget,
 * window, value and threshold, by one of the processes that share the state. Where one call crosses several thresholds, one
 * edge names them all.
 *
 * Every call passes `record` when it has ended; it belongs to the window in which it started.
 */
import type { CallRecord } from '@tokenmeter/ledger';
import type { BudgetEdge } from './alerts/types.ts';
import type { Budget } from './budget.ts';
import type { Account } from './evaluate/account.ts';
import { accountEdge, callEdge } from './evaluate/edges.ts';
import { quantityOf, RecentCalls } from './evaluate/recent.ts';
import { isKept, parseAccountKey, Tracker, windowKey } from './evaluate/tracker.ts';
import { readerOf } from './scope.ts';
import { memoryState } from './store/memory.ts';
import { type Booking, type BudgetState, type Claim, type Held, isShared, type SharedState } from './store/state.ts';
import { COUNT_AT } from './windows/cells.ts';

export interface EngineOptions {
  readonly budgets: readonly Budget[];
  /** Told of each edge, once. Must not throw. */
  readonly onEdge: (edge: BudgetEdge) => void;
  /** Told of an alert of an earlier process that holds still. */
  readonly onResume?: (edge: BudgetEdge) => void;
  /** Default: nothing is kept. */
  readonly state?: BudgetState;
  /** Told once per budget whose values share an account. */
  readonly onWarning?: (message: string) => void;
  /** Unix milliseconds. */
  readonly now?: () => number;
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
  /** Accounts with thresholds that were told of. */
  readonly #alarmed = new Set<Account>();
  readonly #unpriced = new Set<string>();
  /** Accounts of which a shared state has still to say what is spent: only `adopt` waits for that. */
  readonly #opening = new Set<Promise<void>>();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.state = options.state ?? memoryState();
    this.shared = isShared(this.state) ? this.state : undefined;
    this.trackers = options.budgets.map(
      (budget) =>
        new Tracker(budget, {
          onAccount: (account) => this.#opened(account),
          onEnd: this.#ended,
          onCapped: ({ name, each }) =>
            options.onWarning?.(
              `budget "${name}" has seen more values of ${each} than it keeps apart; the rest share one account, _other.`,
            ),
        }),
    );
    this.state.listen((account) => this.review(account));
    const claims = this.state.claims();
    if (claims instanceof Promise) void claims.then((found) => this.#takeOver(found));
    else this.#takeOver(claims);
  }

  /**
   * Books a call that has ended, and settles what was held for it. Where no threshold is crossed and the state is local, it
   * allocates nothing.
   */
  record(record: CallRecord, held?: Held): void {
    const now = this.#now();
    const countAt = COUNT_AT[record.cost.status];
    const bookings: Booking[] | undefined = this.shared && [];
    this.#recent.add(record);
    const request = record.attribution.request ?? record.traceId;
    for (let index = 0; index < this.trackers.length; index++) {
      const tracker = this.trackers[index] as Tracker;
      if (tracker.test(record)) this.#book(tracker, record, request, countAt, now, bookings);
    }
    if (bookings !== undefined && (bookings.length > 0 || held !== undefined)) this.shared?.settle(bookings, held);
    if (record.cost.status === 'unpriced') this.#warnUnpriced(record);
  }

  #book(
    tracker: Tracker,
    record: CallRecord,
    request: string,
    countAt: number,
    now: number,
    bookings: Booking[] | undefined,
  ): void {
    const { budget } = tracker;
    let quantity = quantityOf(budget, record);
    if (budget.window.kind === 'call') {
      this.#single(budget, record, quantity, now);
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
    if (bookings !== undefined) {
      if (cell !== undefined) bookings.push({ account, cell, quantity, countAt });
    } else if (cell !== undefined && !cell.dirty) {
      cell.dirty = true;
      this.state.changed(account, cell);
    }
    if (account.spent > account.next) this.#crossed(account, record, now);
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

  #single(budget: Budget, record: CallRecord, quantity: number, now: number): void {
    const [lowest] = budget.thresholds;
    if (lowest === undefined || quantity <= budget.amount * lowest) return;
    const crossed = budget.thresholds.filter((threshold) => quantity > budget.amount * threshold);
    const value = budget.each === undefined ? undefined : readerOf(budget.each)(record);
    if (budget.each !== undefined && value === undefined) return;
    this.#options.onEdge(callEdge(budget, record, value, quantity, crossed, { store: this.state.id, now }));
  }

  /** Looks whether time alone, or other processes, have moved an account across a threshold. Cheap where nothing did. */
  review(account: Account): void {
    const now = this.#now();
    if (account.isStale(now)) account.advance(now, this.#ended);
    if (account.spent > account.next) this.#crossed(account, undefined, now);
  }

  /** Resets what is over: by a timer, while anything is alarmed. */
  tick(): void {
    const now = this.#now();
    for (const account of this.#alarmed) {
      if (account.isStale(now)) account.advance(now, this.#ended);
      const lowest = Math.min(...account.budget.thresholds);
      if (account.budget.window.kind === 'rolling' && account.spent <= account.budget.amount * lowest) {
        this.#reset(account, now);
        account.rearm();
      }
      if (account.told.length === 0) this.#alarmed.delete(account);
    }
  }

  /** Whether `tick` has something to look after. */
  get isAlarmed(): boolean {
    return this.#alarmed.size > 0;
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
        if (account.isStale(now)) account.advance(now, this.#ended);
        yield account;
      }
    }
  }

  /** The edge that an account is in; undefined while it is OK. */
  edgeOf(account: Account): BudgetEdge | undefined {
    if (account.told.length === 0) return undefined;
    const now = this.#now();
    return accountEdge(account, undefined, account.told, this.#facts(account, now));
  }

  #crossed(account: Account, record: CallRecord | undefined, now: number): void {
    const crossed = account.crossed();
    account.tell(crossed);
    if (crossed.length === 0) return;
    const { kind } = account.budget.window;
    if (kind !== 'request') this.#alarmed.add(account);
    const edge = (won: readonly number[]): BudgetEdge =>
      accountEdge(account, undefined, won, { ...this.#facts(account, now), record });
    if (kind === 'request' && !this.state.keepsRequests) {
      this.#options.onEdge(edge(crossed));
      return;
    }
    this.#claimed(
      crossed.map((what) => ({ ...claimOf(account, now), what })),
      (claims) => {
        const won = claims.flatMap(({ what }) => (what === 'reset' ? [] : [what]));
        // A lower one that another process has told of says less than the higher one.
        if (won.length > 0) this.#options.onEdge(edge(won));
      },
    );
  }

  readonly #ended = (account: Account): void => {
    this.#reset(account, account.until);
  };

  #reset(account: Account, at: number): void {
    const edge = accountEdge(account, 'RESET', account.told, {
      store: this.state.id,
      now: at - 1,
      top: [],
    });
    const claim: Claim = { ...claimOf(account, at), what: 'reset' };
    const standing = this.state.claim(claim);
    const settle = (by: Claim): void => {
      // Where two processes reset a rolling window, both go on from the first one's time.
      if (account.budget.window.kind === 'rolling') account.epoch = by.at;
      if (by === claim) this.#options.onEdge({ ...edge, at });
    };
    if (standing instanceof Promise) void standing.then(settle);
    else settle(standing);
  }

  /** Runs `then` with the claims that were won, if any. */
  #claimed(claims: readonly Claim[], then: (won: readonly Claim[]) => void): void {
    const answers = claims.map((claim) => this.state.claim(claim));
    const settle = (standing: readonly Claim[]): void => {
      const ours = claims.filter((claim, index) => standing[index] === claim);
      if (ours.length > 0) then(ours);
    };
    if (answers.every((answer): answer is Claim => !(answer instanceof Promise))) settle(answers);
    else void Promise.all(answers).then(settle);
  }

  #facts(account: Account, now: number): Parameters<typeof accountEdge>[3] {
    return { store: this.state.id, now, top: this.#recent.top(account, now) };
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

  /** What earlier processes told of: it is not told again, and what is over by now is reset. */
  #takeOver(claims: readonly Claim[]): void {
    const now = this.#now();
    const resets = new Map<string, number>();
    for (const { key, epoch, what, at } of claims) {
      if (what === 'reset') resets.set(`${key}#${epoch}`, at);
    }
    const open = claims.filter(({ key, epoch, what }) => what !== 'reset' && !resets.has(`${key}#${epoch}`));
    for (const tracker of this.trackers) {
      const { name, each } = tracker.budget;
      const groups = new Map<string, Claim[]>();
      for (const claim of open) {
        if (claim.budget !== name || (claim.value !== undefined) !== (each !== undefined)) continue;
        const id = `${claim.key}#${claim.epoch}`;
        groups.set(id, [...(groups.get(id) ?? []), claim]);
      }
      for (const group of groups.values()) this.#takeOverOne(tracker, group, now);
    }
  }

  #takeOverOne(tracker: Tracker, group: readonly Claim[], now: number): void {
    const [first] = group;
    if (first === undefined) return;
    const { key, epoch, environment, value, end } = first;
    const thresholds = group.flatMap(({ what }) => (what === 'reset' ? [] : [what]));
    if (end !== undefined && end <= now) {
      // The window is over and its process gone: the account is opened as it was then.
      const past = tracker.past(environment, value, epoch);
      if (past.key !== key) return;
      const opened = this.state.open(past);
      const reset = (): void => {
        past.recount();
        past.tell(thresholds);
        this.#reset(past, end);
      };
      if (opened instanceof Promise) void opened.then(reset);
      else reset();
      return;
    }
    const account = tracker.account(environment, value, undefined, now);
    if (account.key !== key) return;
    if (end === undefined) account.epoch = epoch;
    const { amount } = tracker.budget;
    // Of another amount: what is still crossed is not told again, what is not may be.
    const holding = group.filter((claim) => {
      const holds = claim.amount === amount || account.spent > amount * (claim.what as number);
      if (!holds) this.state.release(claim);
      return holds;
    });
    if (holding.length === 0) return;
    account.tell(holding.flatMap(({ what }) => (what === 'reset' ? [] : [what])));
    this.#alarmed.add(account);
    const edge = this.edgeOf(account);
    if (edge) this.#options.onResume?.(edge);
  }
}

function claimOf(account: Account, now: number): Omit<Claim, 'what'> {
  const { key, budget, environment, value, epoch } = account;
  return {
    key,
    budget: budget.name,
    environment,
    value,
    epoch,
    amount: budget.amount,
    at: now,
    end: budget.window.kind === 'calendar' ? account.until : undefined,
  };
}
