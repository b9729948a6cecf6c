/** How budgets stand: what `budget status` and `check` print, and nothing that they don't. */
import type { EdgeCoverage, EdgeState } from './alerts/types.ts';
import { type Budget, isShort, quantityText, shareText, unitOf } from './budget.ts';
import type { Engine } from './engine.ts';
import { type Account, crossedBy } from './evaluate/account.ts';
import { coverageOf } from './evaluate/edges.ts';
import type { Tracker } from './evaluate/tracker.ts';
import { gridOf } from './windows/cells.ts';

export interface Standing {
  readonly budget: Budget;
  readonly environment?: string;
  /** The value of `each`. */
  readonly value?: string;
  /** Absent where no value of `each` has spent anything, and for a budget per call or request, of which nothing is kept. */
  readonly spent?: number;
  /** Undefined is OK. */
  readonly state?: Exclude<EdgeState, 'RESET'>;
  /** Unix milliseconds. */
  readonly resetsAt?: number;
  readonly coverage: EdgeCoverage;
}

/** One per account, those that spent most of their amount first; one for each budget that has none. */
export function standings(engine: Engine, now: number): Standing[] {
  const rows = [...engine.accounts()]
    .filter(({ budget }) => !isShort(budget.window.kind))
    .map((account): Standing => standingOf(account, now))
    .sort((a, b) => shareOf(b) - shareOf(a));
  const idle = engine.trackers.filter(({ budget }) => !rows.some((row) => row.budget === budget));
  return [...rows, ...idle.map((tracker) => idleStanding(tracker, now))];
}

/** Of a budget on which nobody has spent anything in its live window. */
function idleStanding({ budget, grid }: Tracker, now: number): Standing {
  if (isShort(budget.window.kind) || budget.each !== undefined) return { budget, coverage: {} };
  const resetsAt = budget.window.kind === 'calendar' ? grid.live(now).end : undefined;
  return { budget, spent: 0, resetsAt, coverage: {} };
}

function standingOf(account: Account, now: number): Standing {
  const { budget, environment, value, spent } = account;
  const crossed = crossedBy(budget, spent);
  const over = spent > budget.amount;
  const state = over ? 'OVER' : crossed.length > 0 ? 'WARN' : undefined;
  // A rolling window has no end of its own: only one that is over has something to wait for.
  const resetsAt = over || budget.window.kind === 'calendar' ? account.backAt(budget.amount, now) : undefined;
  return { budget, environment, value, spent, state, resetsAt, coverage: coverageOf(account.totals()) };
}

/** Of the amount that is spent: 1 is all of it. */
export function shareOf({ budget, spent = 0 }: Standing): number {
  return spent / budget.amount;
}

/** By how much spend may pass the amount at worst; `shared`: several processes see each other's holds at once. */
export function worstOvershoot(budget: Budget, shared: boolean): string {
  const { enforce, window, onStoreDown } = budget;
  if (enforce === 'observe') return 'no bound: calls go on until somebody acts';
  if (window.kind === 'call') return ofOneCall(budget);
  if (shared && onStoreDown === 'allow') return `${ofMany(budget, true)}; while the store does not answer: no bound`;
  return ofMany(budget, shared);
}

const INPUT_ERROR = 'the error of the input estimate';

/** Nothing is in flight beside it. */
function ofOneCall({ enforce, hold }: Budget): string {
  if (enforce === 'check') return `what the call writes, and ${INPUT_ERROR}`;
  return hold === 'max' ? INPUT_ERROR : 'the maximum minus the hold';
}

function ofMany({ enforce, hold }: Budget, shared: boolean): string {
  if (enforce === 'check')
    return shared ? 'the calls in flight' : 'the calls in flight, and what others spent in the last second';
  const bound = hold === 'max' ? INPUT_ERROR : 'over the calls in flight, the maximum minus the hold';
  return shared ? bound : `${bound}; more processes: what the others hold`;
}

/** For people: `$1.2500 of $5.0000`. */
export function spentText({ budget, spent }: Standing): string {
  const { measure, amount } = budget;
  return spent === undefined ? quantityText(measure, amount) : shareText(measure, spent, amount);
}

/** `usd`, `tokens`, `calls`, and the quantities in it. */
export function inUnit(budget: Budget, quantity: number): number {
  return unitOf(budget.measure) === 'usd' ? quantity / 1e9 : quantity;
}

/** When the live window of a budget began; undefined for a call and a request, which have no common one. */
export function liveStart({ window }: Budget, now: number): number | undefined {
  if (isShort(window.kind)) return undefined;
  const { start } = gridOf(window).live(now);
  // A rolling window counts up to a sixtieth more.
  return window.kind === 'rolling' ? start - window.milliseconds / 60 : start;
}
