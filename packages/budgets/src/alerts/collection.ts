/** Edges that wait to be told together: bounded, the worst first, one per value. */
import { identityKey } from './identity.ts';
import { passes } from './messages/text.ts';
import { type Alert, type BudgetEdge, type EdgeState, MOST_EDGES } from './types.ts';

/** Beyond this the mildest are only counted. */
const MOST_WAITING = 1000;

export class Collection {
  #edges = new Map<string, BudgetEdge>();
  #serial = 0;
  #dropped = 0;

  /** A later edge of the same value stands for the earlier one. Every call and every request is a value of its own. */
  add(edge: BudgetEdge): void {
    const key = keyOf(edge) ?? String(this.#serial++);
    const earlier = this.#edges.get(key);
    this.#edges.set(key, earlier ? merged(earlier, edge) : edge);
    if (this.#edges.size > MOST_WAITING) this.#prune();
  }

  /** Is an edge of the same value here? */
  has(edge: BudgetEdge): boolean {
    return this.#edges.has(keyOf(edge) ?? '');
  }

  get empty(): boolean {
    return this.#edges.size === 0;
  }

  /** Everything so far as one alert, which the collection then forgets. */
  take(): Alert | undefined {
    const [first, ...rest] = [...this.#edges.values()].sort(worstFirst);
    if (first === undefined) return undefined;
    const alert: Alert = {
      edges: [first, ...rest.slice(0, MOST_EDGES - 1)],
      total: this.#edges.size + this.#dropped,
      again: false,
    };
    this.#edges = new Map();
    this.#dropped = 0;
    return alert;
  }

  #prune(): void {
    const kept = [...this.#edges].sort(([, a], [, b]) => worstFirst(a, b)).slice(0, MOST_WAITING / 2);
    this.#dropped += this.#edges.size - kept.length;
    this.#edges = new Map(kept);
  }
}

/** Undefined for a call or request that nothing tells from others. */
function keyOf({ identity, window, traceId, spanId }: BudgetEdge): string | undefined {
  if (!passes(window.kind)) return identityKey(identity);
  if (traceId === undefined) return undefined;
  return JSON.stringify([traceId, window.start, window.kind === 'call' ? spanId : null]);
}

/** The higher threshold stands for the lower one; a `RESET` and what comes after it for what was before. */
function merged(earlier: BudgetEdge, later: BudgetEdge): BudgetEdge {
  if (later.state === 'RESET' || earlier.state === 'RESET' || later.threshold >= earlier.threshold) return later;
  return earlier;
}

const RANK: Readonly<Record<EdgeState, number>> = { OVER: 0, WARN: 1, RESET: 2 };

/** By state, then by share of the amount. */
function worstFirst(a: BudgetEdge, b: BudgetEdge): number {
  if (a.state !== b.state) return RANK[a.state] - RANK[b.state];
  const [left, right] = [a.spent * b.amount, b.spent * a.amount];
  return left === right ? 0 : left > right ? -1 : 1;
}
