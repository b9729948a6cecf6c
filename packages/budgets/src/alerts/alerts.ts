/**
 * The alert side of budgets: an edge comes in, is grouped before each of its channels, and goes out by it.
 *
 * `tell` → grouping (together or at once) → channel (queue, retries) → taken, or logged and counted as failed. Alerts that
 * hold are kept up until `RESET`. All of it runs outside of the call that crossed a threshold, and outside of its context.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Channel, Report } from './channels/channel.ts';
import { httpChannel } from './channels/http.ts';
import { eventChannel, functionChannel, logChannel } from './channels/local.ts';
import { sendLeft } from './delivery/leaving.ts';
import { Grouping } from './grouping.ts';
import { Held } from './held.ts';
import { type AlertSettings, channelsOf } from './settings.ts';
import type { Alert, AlertAction, Alerts, BudgetEdge, BudgetIdentity } from './types.ts';

export interface AlertOptions {
  readonly settings: AlertSettings;
  /**
   * Writes one line: alerts of the channel `log` (`BUDGET …`), and what went wrong with the others (`tokenmeter: …`). Must
   * not throw.
   */
  readonly log: (line: string) => void;
  /** What alerts are about, for PagerDuty: `service.name`. Default `tokenmeter`. */
  readonly source?: string;
  /** For `tokenmeter.alerts.failed`. Called with 0 for each channel that has settings. */
  readonly onFailed?: (channel: string, alerts: number) => void;
  /**
   * A budget as it stands now, for alerts that are kept up; undefined where nothing holds any more, because another process
   * has told of its `RESET`. Default: they say what they said at first.
   */
  readonly current?: (identity: BudgetIdentity) => BudgetEdge | undefined;
  /**
   * Whether this process is the one that tells of an edge for the so-many-th time more (`renotify`). Must not reject.
   * Default: who told of it first does.
   */
  readonly claimAgain?: (edge: BudgetEdge, round: number) => Promise<boolean>;
}

/** Milliseconds. */
export interface Timings {
  /** How long values of one budget, calls and requests are collected. */
  readonly groupMs: number;
  /** Between two pushes of what holds; also how exactly `renotify` is kept. */
  readonly keepUpMs: number;
  /** For one request. */
  readonly timeoutMs: number;
  /** First wait before a retry. */
  readonly backoffMs: number;
  /** After so long without another, PagerDuty's alerts of calls and requests are resolved. */
  readonly quietMs: number;
}

const TIMINGS: Timings = {
  groupMs: 5 * 60_000,
  keepUpMs: 60_000,
  timeoutMs: 3000,
  backoffMs: 1000,
  quietMs: 60 * 60_000,
};

const FLUSH_MS = 3000;

interface Way {
  readonly channel: Channel;
  readonly grouping: Grouping;
}

export function createAlerts(options: AlertOptions): Alerts {
  return buildAlerts(options, TIMINGS);
}

/** Alerts with timings of their own. */
export function buildAlerts(options: AlertOptions, timings: Timings): Alerts {
  const { settings, source = 'tokenmeter', onFailed = () => {}, current, claimAgain } = options;
  // Without a log there is nobody left to tell.
  const log = (line: string): void => void attempt(() => options.log(line));
  const problem = (line: string): void => log(`tokenmeter: ${line}`);
  const report: Report = { log, problem, onFailed };
  const ways = new Map<AlertAction, Way>();
  const outside = AsyncLocalStorage.snapshot();

  const open = (action: AlertAction): Channel | undefined => {
    if (typeof action === 'function') return functionChannel(action, report);
    if (action === 'log') return logChannel(report);
    if (action === 'event') return eventChannel(report);
    return httpChannel(action, settings, { ...report, ...timings, source });
  };
  const wayOf = (action: AlertAction): Way => {
    const known = ways.get(action);
    if (known) return known;
    const way = wayTo(action) ?? wayOf('log');
    ways.set(action, way);
    return way;
  };
  /** Undefined where there is none: what cannot be sent is logged, and that is said once. */
  const wayTo = (action: AlertAction): Way | undefined => {
    try {
      const channel = open(action);
      if (channel) return { channel, grouping: groupingOf(channel) };
      problem(`alerts for ${action} are logged instead: alerts.${action} is not set in tokenmeter.yaml`);
    } catch (error) {
      problem(`alerts for ${action} are logged instead: ${messageOf(error)}`);
    }
    return undefined;
  };
  const groupingOf = (channel: Channel): Grouping =>
    new Grouping({
      values: channel.values,
      waitMs: timings.groupMs,
      deliver: (alert) => safely(() => channel.send(alert)),
    });
  const waysOf = ({ actions }: BudgetEdge): Set<Way> => new Set(actions.map(wayOf));
  const safely = (step: () => void): void => {
    const error = attempt(step);
    if (error !== undefined) problem(`alerts failed: ${messageOf(error)}`);
  };

  const held = new Held({
    everyMs: timings.keepUpMs,
    current,
    claimAgain,
    keepUp: (edges) => safely(() => keepUp(edges)),
    tellAgain: (alert) => safely(() => tellAgain(alert)),
  });
  const keepUp = (edges: readonly BudgetEdge[]): void => {
    const kept = edges.filter(({ actions }) => actions.includes('alertmanager'));
    if (kept.length > 0) wayOf('alertmanager').channel.keepUp?.(kept);
  };
  const tellAgain = (alert: Alert): void => {
    for (const { channel } of waysOf(alert.edges[0])) if (!channel.keepUp) channel.send(alert);
  };
  for (const name of channelsOf(settings)) onFailed(name, 0);

  return {
    tell: (edge) =>
      safely(() =>
        outside(() => {
          held.tell(edge);
          for (const { grouping } of waysOf(edge)) grouping.add(edge);
        }),
      ),
    resume: (edge) => safely(() => outside(() => held.resume(edge))),
    flush: async (timeoutMs = FLUSH_MS) => {
      const open = [...new Set(ways.values())];
      for (const { grouping } of open) safely(() => grouping.release());
      await Promise.all(open.map(({ channel }) => channel.flush(timeoutMs)));
    },
    finish: () => leave([...new Set(ways.values())], safely),
  };
}

/** Sends what is left, for as long as the process may be held up. */
function leave(ways: readonly Way[], safely: (step: () => void) => void): void {
  const leaving = ways.flatMap(({ channel }) => channel.leaving ?? []);
  for (const { queue } of leaving) queue.close();
  for (const { grouping } of ways) safely(() => grouping.release());
  safely(() => sendLeft(leaving, FLUSH_MS));
}

/** What `step` threw. */
function attempt(step: () => void): unknown {
  try {
    step();
    return undefined;
  } catch (error) {
    return error ?? 'nothing was thrown';
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
