import type { Leaving } from '../delivery/leaving.ts';
import type { Alert, BudgetEdge } from '../types.ts';

/** One way out for alerts. Nothing here throws or rejects; what was not taken is counted and logged. */
export interface Channel {
  /** A message can hold several scope values. */
  readonly values: boolean;
  send(alert: Alert): void;
  /** Repeats what holds, for a receiver that forgets. Absent where nobody forgets. */
  keepUp?(edges: readonly BudgetEdge[]): void;
  /** Sends what waits, within `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
  /** What waits at the end of the process; absent where nothing can. */
  readonly leaving?: Leaving;
}

/** What a channel does with an alert that it could not get rid of. */
export interface Report {
  /** Writes one line of an alert. */
  readonly log: (line: string) => void;
  /** Writes one line about a channel. */
  readonly problem: (line: string) => void;
  /** Counts. */
  readonly onFailed: (channel: string, alerts: number) => void;
}
