/**
 * Alerts that hold: told, by this process or by another, and neither reset nor past their window's end. They are kept up:
 * pushed to Alertmanager again and again, which forgets what it had when it restarts, and told once more each time that the
 * budget's `renotifyMs` has passed, by one of the processes that see them.
 */
import { identityKey } from './identity.ts';
import { passes } from './messages/text.ts';
import type { Alert, BudgetEdge, BudgetIdentity } from './types.ts';
import { isPast } from './words.ts';

export interface HeldOptions {
  /** Between two rounds. */
  readonly everyMs: number;
  /** See `AlertOptions`. */
  readonly current?: (identity: BudgetIdentity) => BudgetEdge | undefined;
  /** Repeats all of them to who forgets. */
  readonly keepUp: (edges: readonly BudgetEdge[]) => void;
  /** Tells it once more. */
  readonly tellAgain: (alert: Alert) => void;
  /** See `AlertOptions`. */
  readonly claimAgain?: (edge: BudgetEdge, round: number) => Promise<boolean>;
}

interface Holding {
  /** By threshold; `at` is when it was told first, by whichever process. */
  readonly edges: Map<number, BudgetEdge>;
  /** This process has told the latest of them. */
  own: boolean;
  /** How often the latest was told again, by whichever process. */
  rounds: number;
}

/** Values of `each` budgets may be many; what is not held is not kept up, but was told and ends with its window. */
const MOST_HELD = 1000;

export class Held {
  readonly #options: HeldOptions;
  readonly #held = new Map<string, Holding>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HeldOptions) {
    this.#options = options;
  }

  /** An edge that is told now. */
  tell(edge: BudgetEdge): void {
    this.#see(edge, true);
  }

  /** One that another process has told of, or an earlier one. */
  resume(edge: BudgetEdge): void {
    this.#see(edge, false);
  }

  #see(edge: BudgetEdge, own: boolean): void {
    // What was over before it was told does not hold.
    if (passes(edge.window.kind) || isPast(edge)) return;
    const key = identityKey(edge.identity);
    if (edge.state === 'RESET') {
      this.#held.delete(key);
      return;
    }
    const holding = this.#held.get(key) ?? { edges: new Map(), own, rounds: 0 };
    for (const [threshold, earlier] of holding.edges) {
      if (isOver(earlier, edge.at)) holding.edges.delete(threshold);
    }
    holding.edges.set(edge.threshold, edge);
    holding.own = own;
    holding.rounds = 0;
    if (!this.#held.has(key) && this.#held.size >= MOST_HELD) return;
    this.#held.set(key, holding);
    this.#timer ??= setInterval(() => this.#round(Date.now()), this.#options.everyMs).unref();
  }

  #round(now: number): void {
    const standing: BudgetEdge[] = [];
    for (const [key, holding] of this.#held) {
      const edges = [...holding.edges.values()].filter((edge) => !isOver(edge, now)).flatMap((edge) => this.#now(edge));
      if (edges.length === 0) this.#held.delete(key);
      standing.push(...edges);
      this.#renotify(holding, edges, now);
    }
    this.#options.keepUp(standing);
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The highest threshold speaks for those below it. */
  #renotify(holding: Holding, edges: readonly BudgetEdge[], now: number): void {
    const [highest] = edges.toSorted((a, b) => b.threshold - a.threshold);
    if (highest?.renotifyMs === undefined) return;
    const round = Math.floor((now - highest.at) / highest.renotifyMs);
    if (round <= holding.rounds) return;
    holding.rounds = round;
    const { claimAgain, tellAgain } = this.#options;
    const alert: Alert = { edges: [highest], total: 1, again: true };
    if (claimAgain) void claimAgain(highest, round).then((isOurs) => isOurs && tellAgain(alert));
    else if (holding.own) tellAgain(alert);
  }

  /** What it comes to now, under the threshold that was told; nothing where another process has told of its `RESET`. */
  #now(edge: BudgetEdge): BudgetEdge[] {
    if (!this.#options.current) return [edge];
    const now = this.#options.current(edge.identity);
    if (now === undefined) return [];
    // A calendar window that begins anew has its own edges.
    if (edge.window.kind === 'calendar' && now.window.start !== edge.window.start) return [edge];
    const { spent, coverage, top, window } = now;
    return [{ ...edge, spent, coverage, top, window }];
  }
}

/** A calendar window ends whether or not anybody says so; a rolling one moves on. */
function isOver({ window: { kind, end } }: BudgetEdge, now: number): boolean {
  return kind === 'calendar' && end !== undefined && end <= now;
}
