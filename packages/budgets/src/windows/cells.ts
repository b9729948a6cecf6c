/**
 * How the windows of a budget are kept: in **cells**, each with what the calls that started in it came to. A calendar
 * window is one cell. A rolling window of duration D is cells of D/60: the live ones cover the last D and at most D/60 more,
 * never less. A request is one cell.
 */
import { COST_STATUSES, type CostStatus } from '@tokenmeter/pricing';
import type { WindowSpec } from '../budget.ts';
import { calendar, type Period } from './calendar.ts';

/** A quantity, and how many calls of each cost status it comes from, in the order of `COST_STATUSES`. */
export type Totals = number[];

export function noTotals(): Totals {
  return [0, 0, 0, 0, 0, 0];
}

/** Where in {@link Totals} the calls of a status are counted. */
export const COUNT_AT: Readonly<Record<CostStatus, number>> = Object.fromEntries(
  COST_STATUSES.map((status, index) => [status, index + 1]),
) as Record<CostStatus, number>;

export interface Cell {
  /** Names the cell within its account, in every process alike. */
  readonly slot: number;
  /** First moment at which it counts no more, Unix milliseconds. */
  readonly end: number;
  /** Until then it is kept, for calls that started in it and end late. */
  readonly gone: number;
  /** By calls of this process. */
  readonly own: Totals;
  /** By all others that share the store. */
  others: Totals;
  /** Not written out yet. */
  dirty: boolean;
}

/** Which cell a time belongs to, and which cells are live. */
export interface Grid {
  /** The live window at that time. The same object while it lasts. */
  live(now: number): Period & { readonly from: number };
  /** Slot of a call that starts at that time. */
  slotOf(time: number): number;
  /** First moment at which a cell counts no more. */
  endOf(slot: number): number;
  /** When nobody asks for a cell any more. */
  goneAt(slot: number): number;
  /** First slot of the cells that are kept. */
  keptFrom(now: number): number;
  /** The windows that a cell was part of, each by its first and last slot. One, but for a rolling window. */
  windowsOf(slot: number): Iterable<readonly [first: number, last: number]>;
  /** The time that the window with that first slot was. */
  spanOf(first: number): Period;
}

/** Parts of a rolling window. */
const PARTS = 60;
/** How long a calendar window is kept after its end. A rolling one: its own length. */
const LATE_MS = 3_600_000;

/** For every window but a single call's. A request's cell never ends by time; its account is forgotten when it is idle. */
export function gridOf(window: WindowSpec): Grid {
  if (window.kind === 'calendar') return calendarGrid(calendar(window.unit, window.timezone, window.weekStart));
  if (window.kind === 'rolling') return rollingGrid(window.milliseconds);
  const live = { start: 0, end: Number.POSITIVE_INFINITY, from: 0 };
  const never = (): number => Number.POSITIVE_INFINITY;
  return {
    live: () => live,
    slotOf: () => 0,
    endOf: never,
    goneAt: never,
    keptFrom: () => 0,
    windowsOf: () => [[0, 0]],
    spanOf: () => live,
  };
}

function calendarGrid(find: (time: number) => Period): Grid {
  let last: (Period & { readonly from: number }) | undefined;
  return {
    live(now) {
      const { start, end } = find(now);
      if (last === undefined || last.start !== start) last = { start, end, from: start };
      return last;
    },
    slotOf: (time) => find(time).start,
    endOf: (slot) => find(slot).end,
    goneAt: (slot) => find(slot).end + LATE_MS,
    keptFrom: (now) => find(now - LATE_MS).start,
    windowsOf: (slot) => [[slot, slot]],
    spanOf: find,
  };
}

function rollingGrid(milliseconds: number): Grid {
  const width = milliseconds / PARTS;
  let last = { start: 0, end: 0, from: Number.NaN };
  return {
    live(now) {
      const from = Math.floor(now / width) - PARTS;
      // `end`: when the oldest live cell leaves, which is when anything can change by time alone.
      if (last.from !== from) last = { start: now - milliseconds, end: (from + PARTS + 1) * width, from };
      return last;
    },
    slotOf: (time) => Math.floor(time / width),
    endOf: (slot) => (slot + PARTS + 1) * width,
    goneAt: (slot) => (slot + 2 * PARTS + 1) * width,
    keptFrom: (now) => Math.floor(now / width) - 2 * PARTS,
    *windowsOf(slot) {
      for (let first = slot - PARTS; first <= slot; first++) yield [first, first + PARTS];
    },
    spanOf: (first) => ({ start: first * width, end: (first + PARTS + 1) * width }),
  };
}
