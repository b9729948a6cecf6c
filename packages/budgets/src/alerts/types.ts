/**
 * What the budgets hand to the alerts. A budget's life cycle has edges: a threshold is crossed (`WARN` below the amount,
 * `OVER` from it on), the window ends or the spend falls back (`RESET`). Whoever evaluates budgets tells each edge once per
 * budget, window, scope value and threshold; the alerts turn edges into messages and get them to their channels.
 */
import type { CostStatus } from '@tokenmeter/pricing';

export type EdgeState = 'WARN' | 'OVER' | 'RESET';

/** What the amount of a budget counts. A quantity is an integer: pico-USD (1e-12 USD), tokens or calls. */
export type BudgetUnit = 'usd' | 'tokens' | 'calls';

/**
 * - `call`, `request`: over with the call or request itself. Never `RESET`; later alerts of one rule come as a digest.
 * - `rolling`: the last so-and-so long. It has no fixed start: an alert holds until `RESET`.
 * - `calendar`: hour, day, week or month of a time zone.
 */
export type WindowKind = 'call' | 'request' | 'rolling' | 'calendar';

/** Which budget it is, whoever reports it. The same in every process and replica, but for the store. */
export interface BudgetIdentity {
  /** The budget's name. */
  readonly budget: string;
  /** `deployment.environment.name`; absent where none is set. */
  readonly environment?: string;
  /** As the configuration writes it: `call`, `request`, `day`, `month`, `5m` … */
  readonly window: string;
  /** For a budget of `each: tenant`: whose. Absent for a budget with one scope. */
  readonly scope?: { readonly key: string; readonly value: string };
  /** The feature and team that the budget is of, by its configuration or scope; absent where it is of several. */
  readonly feature?: string;
  readonly team?: string;
  /** Id of the store that counts. In no message's key or label: local stores differ by host. */
  readonly store: string;
}

/** Times in Unix milliseconds. */
export interface EdgeWindow {
  readonly kind: WindowKind;
  readonly start: number;
  /**
   * First moment that no longer belongs to it. Calendar: the next window's start. Rolling: when the latest call counted
   * here has left. Absent for `call` and `request`.
   */
  readonly end?: number;
  /** When spend is back within the threshold if no further call is made. Absent for `call` and `request`. */
  readonly resetsAt?: number;
  /** IANA time zone in which messages write the times. Default UTC. */
  readonly timezone?: string;
}

/** A part of the spend. At least one of the names is present. */
export interface Contributor {
  readonly feature?: string;
  readonly model?: string;
  readonly route?: string;
  readonly tenant?: string;
  /** In the budget's unit; see {@link BudgetUnit}. */
  readonly spent: bigint;
}

/** How many calls of the window have a cost of each status; absent is 0. */
export type EdgeCoverage = Readonly<Partial<Record<CostStatus, number>>>;

/** What one message says: edges of one budget, those of several scope values or calls together. */
export interface Alert {
  /** At least one; the first {@link MOST_EDGES} where there were more. */
  readonly edges: readonly [BudgetEdge, ...BudgetEdge[]];
  /** How many edges there were. */
  readonly total: number;
  /** Told before, and it holds still. */
  readonly again: boolean;
}

/** Edges that a message names one by one. */
export const MOST_EDGES = 20;

/** Told of an alert, with the text that the other channels send. What it throws or rejects with is caught and counted. */
export type AlertFunction = (alert: Alert, text: string) => unknown;

/** The channels that have a name. `log` and `event` (an OpenTelemetry log event) need no settings. */
export const CHANNELS = ['log', 'event', 'slack', 'pagerduty', 'webhook', 'alertmanager'] as const;
export type ChannelName = (typeof CHANNELS)[number];

export type AlertAction = ChannelName | AlertFunction;

export interface BudgetEdge {
  readonly identity: BudgetIdentity;
  readonly state: EdgeState;
  /**
   * Share of the amount that was crossed: 0.8 is 80 %. On `RESET` the highest one crossed. Whether it was crossed is
   * decided by `spent > amount * threshold`.
   */
  readonly threshold: number;
  /** On `RESET`: all thresholds whose alerts end now. Default: `threshold` alone. */
  readonly crossed?: readonly number[];
  readonly unit: BudgetUnit;
  /** The whole amount of the budget, in its unit. */
  readonly amount: bigint;
  /** In its unit; without the calls that have no amount, which `coverage` counts. */
  readonly spent: bigint;
  readonly coverage: EdgeCoverage;
  readonly window: EdgeWindow;
  /** When it was seen, Unix milliseconds. */
  readonly at: number;
  /** Dearest first; a handful. */
  readonly top: readonly Contributor[];
  /** Who is told about it, in the words of a chat or a ticket system, e.g. `@search`. */
  readonly owner?: string;
  /** Trace and span of the call that crossed. Absent on a `RESET` by time. */
  readonly traceId?: string;
  readonly spanId?: string;
  /** Calls are refused while it is `OVER`. */
  readonly blocks?: boolean;
  /** Anything else that a person should know, e.g. what the loop detector saw. One sentence. */
  readonly note?: string;
  /** Where it goes. */
  readonly actions: readonly AlertAction[];
  /** Say it again after so many milliseconds for as long as it holds. Default: never. */
  readonly renotifyMs?: number;
}

/** The alert side of budgets. */
export interface Alerts {
  /** Takes an edge to its channels. Returns at once, never throws. */
  tell(edge: BudgetEdge): void;
  /**
   * An alert that another process told of, or an earlier one, and that holds: it is kept up (Alertmanager, renotify)
   * without being told anew. Its `at` is when it was told. Returns at once, never throws.
   */
  resume(edge: BudgetEdge): void;
  /** Sends what waits, within `timeoutMs` (default 3000): for the exit of the process. Never rejects. */
  flush(timeoutMs?: number): Promise<void>;
  /**
   * Sends what waits, and logs what could not be sent: for the very end of a process, `process.exit()` among them.
   * Synchronous; it takes three seconds at most. Never throws.
   */
  finish(): void;
}
