/**
 * Turns of an agent, in one request: calls one after the other, each of whose prompts holds the one before and what was
 * answered to it. A batch of like calls, parallel or not, has no such turns, however long it is.
 */
import type { CallRecord } from '@tokenmeter/ledger';

/** Providers count the same text a little differently as output and as input. */
const TOLERANCE = 0.5;
/** Starts are whole milliseconds, ends are not. */
const CLOCK_MS = 1;

export class Chain {
  /** Turns in a row until now. */
  turns = 0;
  #input = 0;
  #answer = 0;
  #endedAt = Number.NEGATIVE_INFINITY;

  /** Takes a call that has ended. One that ran beside the last turn belongs to something else, and one without usage says nothing. */
  add({ startTime, duration, usage }: CallRecord): void {
    const input = usage?.input;
    if (input === undefined || startTime + CLOCK_MS < this.#endedAt) return;
    const grown = input > this.#input && input - this.#input >= this.#answer * TOLERANCE;
    this.turns = this.turns > 0 && grown ? this.turns + 1 : 1;
    this.#input = input;
    this.#answer = (usage?.output ?? 0) - (usage?.reasoning ?? 0);
    this.#endedAt = startTime + duration;
  }
}
