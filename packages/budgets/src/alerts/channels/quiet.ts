/**
 * Alerts of calls and requests that a receiver keeps open: nothing resets them, so they end when their budget has been quiet
 * for a while. Long enough that of several processes, each of which sees only its own calls, none ends what the others would
 * open again at once.
 */
import { dedupKey, ruleKey } from '../identity.ts';
import { isDigest, passes } from '../messages/text.ts';
import type { Alert, BudgetEdge } from '../types.ts';

/** Values of one budget whose alerts are remembered; the others stay open. */
const MOST_OPEN = 1000;

interface Open {
  readonly edges: Map<string, BudgetEdge>;
  timer?: NodeJS.Timeout;
}

export class Quiet {
  readonly #quietMs: number;
  readonly #onQuiet: (edges: readonly BudgetEdge[]) => void;
  /** By rule. */
  readonly #open = new Map<string, Open>();

  /** `onQuiet` is told which alerts to end. */
  constructor(quietMs: number, onQuiet: (edges: readonly BudgetEdge[]) => void) {
    this.#quietMs = quietMs;
    this.#onQuiet = onQuiet;
  }

  /** An alert that was sent. */
  saw(alert: Alert): void {
    const [first, ...rest] = alert.edges;
    if (!passes(first.window.kind)) return;
    const rule = ruleKey(first.identity);
    const open: Open = this.#open.get(rule) ?? { edges: new Map() };
    this.#open.set(rule, open);
    // A digest is sent as one event.
    for (const edge of isDigest(alert) ? [first] : [first, ...rest]) {
      if (open.edges.size < MOST_OPEN) open.edges.set(dedupKey(edge, edge.threshold), edge);
    }
    clearTimeout(open.timer);
    open.timer = setTimeout(() => {
      this.#open.delete(rule);
      this.#onQuiet([...open.edges.values()]);
    }, this.#quietMs).unref();
  }
}
