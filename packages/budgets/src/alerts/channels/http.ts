/** The channels that send: what each one posts, where to, and when it is worth trying again. */

import { post, type Target, target } from '../delivery/post.ts';
import type { Item, RetryPolicy } from '../delivery/queue.ts';
import { DeliveryQueue } from '../delivery/queue.ts';
import { alertmanagerAlerts } from '../messages/alertmanager.ts';
import { logLines } from '../messages/log.ts';
import { pagerDutyEvents, pagerDutyResolve } from '../messages/pagerduty.ts';
import { slackBody } from '../messages/slack.ts';
import { webhookBody } from '../messages/webhook.ts';
import type { AlertSettings } from '../settings.ts';
import type { Alert, BudgetEdge } from '../types.ts';
import type { Channel, Report } from './channel.ts';
import { Quiet } from './quiet.ts';

export type HttpChannelName = 'slack' | 'pagerduty' | 'webhook' | 'alertmanager';

/** What the channels need of the process. */
export interface HttpOptions extends Report {
  /** What an alert is about, for PagerDuty: `service.name`. */
  readonly source: string;
  readonly timeoutMs: number;
  readonly backoffMs: number;
  readonly quietMs: number;
}

interface Definition {
  readonly values: boolean;
  readonly target: Target;
  readonly bodies: (alert: Alert) => readonly object[];
  readonly again: RetryPolicy['again'];
  /** It does not remember alerts over a restart. */
  readonly forgets?: boolean;
  /** What ends the alerts of calls and requests, where they stay open. */
  readonly ends?: (edges: readonly BudgetEdge[]) => readonly object[];
}

const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';
const TRIES = 5;

/** Not there, busy or broken: what was sent twice is one alert, by its key. */
const unlessRefused: RetryPolicy['again'] = (status) => status === undefined || status === 429 || status >= 500;
/** What was sent twice is two messages: only what was surely not taken is sent again. */
const ifBusy: RetryPolicy['again'] = (status) => status === 429;

const DEFINITIONS: {
  readonly [Name in HttpChannelName]: (settings: NonNullable<AlertSettings[Name]>, source: string) => Definition;
} = {
  slack: ({ webhook }) => ({
    values: true,
    target: target(webhook),
    bodies: (alert) => [slackBody(alert)],
    again: ifBusy,
  }),
  pagerduty: ({ routingKey, url = PAGERDUTY_URL }, source) => ({
    values: false,
    target: target(url, [routingKey]),
    bodies: (alert) => pagerDutyEvents(alert, { routingKey, source }),
    again: unlessRefused,
    ends: (edges) => edges.map((edge) => pagerDutyResolve(edge, edge.threshold, routingKey)),
  }),
  webhook: ({ url }) => ({
    values: true,
    target: target(url),
    bodies: (alert) => [webhookBody(alert)],
    again: ifBusy,
  }),
  alertmanager: ({ url }) => ({
    values: false,
    target: target(`${url.replace(/\/+$/, '')}/api/v2/alerts`),
    bodies: ({ edges }) => [edges.flatMap((edge) => alertmanagerAlerts(edge, Date.now()))],
    again: unlessRefused,
    forgets: true,
  }),
};

/** The channel of that name; undefined where it has no settings. */
export function httpChannel(name: HttpChannelName, settings: AlertSettings, options: HttpOptions): Channel | undefined {
  const define = DEFINITIONS[name] as (settings: object, source: string) => Definition;
  const own = settings[name];
  return own && build(name, define(own, options.source), options);
}

function build(
  name: HttpChannelName,
  { values, target: to, bodies, again, forgets, ends }: Definition,
  options: HttpOptions,
): Channel {
  const { timeoutMs, backoffMs, quietMs, onFailed, problem } = options;
  let down = false;
  const queue = new DeliveryQueue({
    retry: { again, tries: TRIES, backoffMs },
    timeoutMs,
    post: (body, within, onGone) => post(to, body, within, onGone),
    onSent: () => {
      down = false;
    },
    onFailed: ({ lost, repeats = false }, reason) => {
      onFailed(name, 1);
      if (!repeats || !down)
        problem(`alert not sent to ${name}: ${reason}${lost.length > 0 ? `; it says: ${lost.join('; ')}` : ''}`);
      down = true;
    },
  });
  const add = (alert: Alert, more: Omit<Item, 'body'>): void => {
    for (const body of bodies(alert)) queue.add({ body: JSON.stringify(body), ...more });
  };
  const quiet =
    ends &&
    new Quiet(quietMs, (edges) => {
      for (const body of ends(edges)) queue.add({ body: JSON.stringify(body), lost: [] });
    });
  return {
    values,
    send: (alert) => {
      // What the log has said already need not be repeated there when it is lost.
      add(alert, { lost: alert.edges[0].actions.includes('log') ? [] : logLines(alert) });
      quiet?.saw(alert);
    },
    ...(forgets && {
      keepUp: ([first, ...rest]: readonly BudgetEdge[]) => {
        if (first) add({ edges: [first, ...rest], total: rest.length + 1, again: true }, { lost: [], repeats: true });
      },
    }),
    flush: (within) => queue.flush(within),
    leaving: { queue, target: to },
  };
}
