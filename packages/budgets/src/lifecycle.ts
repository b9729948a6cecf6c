/**
 * When an edge is told, and by whom.
 *
 * Life cycle of an account: `OK` → `WARN` (a threshold below the amount is crossed) → `OVER` (the amount is) → `RESET`, when
 * its window ends or, for a rolling one, when spend has fallen to the lowest threshold. Each edge is told once per budget,
 * window, value and threshold, by one of the processes that share the state: who claims it first. The others keep in mind
 * that it holds, so that they go on telling of it when that process is gone. Where one call crosses several thresholds, one
 * edge names them all.
 *
 * A call may end when its window is over. What it crosses then is told, too, once; nothing holds, and nothing is reset.
 */
import type { CallRecord } from '@tokenmeter/ledger';
import type { BudgetEdge } from './alerts/types.ts';
import { quantityAt } from './budget.ts';
import { type Account, crossedBy } from './evaluate/account.ts';
import { accountEdge, type EdgeFacts, pastEdge } from './evaluate/edges.ts';
import type { RecentCalls } from './evaluate/recent.ts';
import type { Tracker } from './evaluate/tracker.ts';
import type { BudgetState, Claim } from './store/state.ts';
import type { Cell } from './windows/cells.ts';

export interface LifecycleOptions {
  readonly state: BudgetState;
  readonly recent: RecentCalls;
  /** Told of each edge, once. Must not throw. */
  readonly onEdge: (edge: BudgetEdge) => void;
  /** Told of an edge that another process has told of and that holds; `at` is when that was. */
  readonly onResume: (edge: BudgetEdge) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #state: BudgetState;
  /** Accounts with thresholds that were told of. */
  readonly #alarmed = new Set<Account>();

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  /** The account's spend is past a threshold that was not told of. */
  crossed(account: Account, record: CallRecord | undefined): void {
    const now = this.#options.now();
    const crossed = account.crossed();
    account.tell(crossed);
    if (crossed.length === 0) return;
    const { kind } = account.budget.window;
    if (kind !== 'request') this.#alarmed.add(account);
    const edge = (thresholds: readonly number[], at = now): BudgetEdge =>
      accountEdge(account, undefined, thresholds, { ...this.#facts(account, now, record), now: at });
    if (kind === 'request' && !this.#state.keepsRequests) {
      this.#options.onEdge(edge(crossed));
      return;
    }
    const claimAll = (): void =>
      this.#claimed(
        crossed.map((what) => ({ ...claimOf(account, now), what })),
        (won, lost) => {
          const tell = (): void => {
            // A lower one that another process has told of says less than the higher one.
            if (won.length > 0) this.#options.onEdge(edge(thresholdsOf(won)));
            if (lost.length > 0) this.#options.onResume(edge(thresholdsOf(lost), lastOf(lost)));
          };
          if (lost.length === 0) tell();
          else this.#ifHolding(account, tell, claimAll);
        },
      );
    claimAll();
  }

  /**
   * A rolling window may have been reset by a process whose calls this one has not seen: then what was told before that is
   * over, and it goes on from there with `otherwise`.
   */
  #ifHolding(account: Account, then: () => void, otherwise: () => void): void {
    if (account.budget.window.kind !== 'rolling') {
      then();
      return;
    }
    const found = this.#state.find({ ...claimOf(account, 0), what: 'reset' });
    const settle = (reset: Claim | undefined): void => {
      if (reset === undefined || reset.at <= account.epoch) then();
      else {
        account.epoch = reset.at;
        otherwise();
      }
    };
    if (found instanceof Promise) void found.then(settle);
    else settle(found);
  }

  /** A call has ended whose window is over. */
  late(account: Account, cell: Cell, record: CallRecord): void {
    const now = this.#options.now();
    const { budget, key } = account;
    const past = account.past(cell);
    const crossed = crossedBy(budget, past.totals[0] as number);
    if (crossed.length === 0) return;
    const { window } = budget;
    // A rolling window has no start that is the same for all: one edge for each length of it.
    const names =
      window.kind === 'rolling'
        ? { key: `${key}#late`, epoch: Math.floor(past.start / window.milliseconds) * window.milliseconds }
        : { epoch: past.start };
    const claim = { ...claimOf(account, now), ...names, end: past.end, late: true };
    this.#claimed(
      crossed.map((what) => ({ ...claim, what })),
      (won) => {
        if (won.length === 0) return;
        const top = this.#options.recent.top(account, past);
        const facts = { store: this.#state.id, now, top, record };
        this.#options.onEdge(pastEdge(account, past, thresholdsOf(won), facts));
      },
    );
  }

  /** The account's window has ended while thresholds were crossed. */
  readonly ended = (account: Account): void => {
    this.#reset(account, account.until);
  };

  /** Resets what is over: by a timer, while anything is alarmed. */
  tick(): void {
    const now = this.#options.now();
    for (const account of this.#alarmed) {
      if (account.isStale(now)) account.advance(now, this.ended);
      const lowest = Math.min(...account.budget.thresholds);
      if (account.budget.window.kind === 'rolling' && account.spent <= quantityAt(account.budget.amount, lowest)) {
        this.#reset(account, now);
        account.rearm();
      }
      if (account.told.length === 0) this.#alarmed.delete(account);
    }
  }

  /** The edge that an account is in; undefined while it is OK. */
  edgeOf(account: Account): BudgetEdge | undefined {
    if (account.told.length === 0) return undefined;
    return accountEdge(account, undefined, account.told, this.#facts(account, this.#options.now()));
  }

  /** Whether this process is the one that tells of a threshold of the account for the so-many-th time more. */
  async claimAgain(account: Account, threshold: number, round: number): Promise<boolean> {
    const claim: Claim = { ...claimOf(account, this.#options.now()), what: `${threshold} again ${round}` };
    return (await this.#state.claim(claim)) === claim;
  }

  /** What earlier processes told of: it is not told again, and what is over by now is reset. */
  takeOver(claims: readonly Claim[], trackers: readonly Tracker[]): void {
    const now = this.#options.now();
    const resets = new Set(claims.filter(({ what }) => what === 'reset').map(({ key, epoch }) => `${key}#${epoch}`));
    const open = claims.filter(
      ({ key, epoch, what, late }) => typeof what === 'number' && !late && !resets.has(`${key}#${epoch}`),
    );
    for (const tracker of trackers) {
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
    if (end !== undefined && end <= now) {
      // The window is over and its process gone: the account is opened as it was then.
      const past = tracker.past(environment, value, epoch);
      if (past.key !== key) return;
      const opened = this.#state.open(past);
      const reset = (): void => {
        past.recount();
        past.tell(thresholdsOf(group));
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
      const holds = claim.amount === amount || account.spent > quantityAt(amount, claim.what as number);
      if (!holds) this.#state.release(claim);
      return holds;
    });
    if (holding.length === 0) return;
    account.tell(thresholdsOf(holding));
    this.#alarmed.add(account);
    const edge = this.edgeOf(account);
    if (edge) this.#options.onResume({ ...edge, at: lastOf(holding) });
  }

  #reset(account: Account, at: number): void {
    const edge = accountEdge(account, 'RESET', account.told, {
      store: this.#state.id,
      now: at - 1,
      top: [],
    });
    const claim: Claim = { ...claimOf(account, at), what: 'reset' };
    const standing = this.#state.claim(claim);
    const settle = (by: Claim): void => {
      // Where two processes reset a rolling window, both go on from the first one's time.
      if (account.budget.window.kind === 'rolling') account.epoch = by.at;
      if (by === claim) this.#options.onEdge({ ...edge, at });
    };
    if (standing instanceof Promise) void standing.then(settle);
    else settle(standing);
  }

  /** Runs `then` with the claims that were won, and with those that stand for others. */
  #claimed(claims: readonly Claim[], then: (won: readonly Claim[], lost: readonly Claim[]) => void): void {
    const answers = claims.map((claim) => this.#state.claim(claim));
    const settle = (standing: readonly Claim[]): void => {
      then(
        claims.filter((claim, index) => standing[index] === claim),
        standing.filter((claim, index) => claims[index] !== claim),
      );
    };
    if (answers.every((answer): answer is Claim => !(answer instanceof Promise))) settle(answers);
    else void Promise.all(answers).then(settle);
  }

  #facts(account: Account, now: number, record?: CallRecord): EdgeFacts {
    return { store: this.#state.id, now, top: this.#options.recent.top(account, account.grid.live(now)), record };
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

function thresholdsOf(claims: readonly Claim[]): number[] {
  return claims.flatMap(({ what }) => (typeof what === 'number' ? [what] : []));
}

function lastOf(claims: readonly Claim[]): number {
  return Math.max(...claims.map(({ at }) => at));
}
