/** An alert as events of PagerDuty's Events API v2: one per alert key, resolved by `RESET`. */
import { dedupKey, identityAttributes, thresholdsOf } from '../identity.ts';
import type { Alert, BudgetEdge } from '../types.ts';
import { headline, instant, isPast } from '../words.ts';
import { facts, isDigest, title } from './text.ts';

export interface PagerDutyEvent {
  readonly routing_key: string;
  readonly event_action: 'trigger' | 'resolve';
  readonly dedup_key: string;
  readonly client?: string;
  readonly payload?: PagerDutyPayload;
}

interface PagerDutyPayload {
  readonly summary: string;
  readonly source: string;
  readonly severity: 'critical' | 'warning';
  readonly timestamp?: string;
  readonly component: string;
  readonly group?: string;
  readonly class: string;
  readonly custom_details: Readonly<Record<string, string>>;
}

export interface PagerDutyOptions {
  readonly routingKey: string;
  /** Which system it is about: the service's name. */
  readonly source: string;
}

/** PagerDuty's bound. */
const MOST_SUMMARY_CHARACTERS = 1024;

/**
 * The events of an alert, for each of its edges. A later threshold of the same budget has a key of its own, so that it
 * pages although somebody has acknowledged the warning before. What is of a window that is over opens an alert and resolves
 * it: nobody else will.
 */
export function pagerDutyEvents(alert: Alert, options: PagerDutyOptions): readonly PagerDutyEvent[] {
  const { edges, again } = alert;
  if (isDigest(alert)) return [trigger(edges[0], title(alert), options)];
  return edges.flatMap((edge) => {
    const resolve = (threshold: number): PagerDutyEvent => pagerDutyResolve(edge, threshold, options.routingKey);
    if (edge.state === 'RESET') return thresholdsOf(edge).map(resolve);
    const opened = trigger(edge, headline(edge, again), options);
    return isPast(edge) ? [opened, resolve(edge.threshold)] : [opened];
  });
}

function trigger(edge: BudgetEdge, summary: string, { routingKey, source }: PagerDutyOptions): PagerDutyEvent {
  const { identity, state, threshold, at } = edge;
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: dedupKey(edge, threshold),
    client: 'Tokenmeter',
    payload: {
      summary:
        summary.length <= MOST_SUMMARY_CHARACTERS ? summary : `${summary.slice(0, MOST_SUMMARY_CHARACTERS - 1)}…`,
      source,
      severity: state === 'OVER' ? 'critical' : 'warning',
      timestamp: instant(at),
      component: identity.budget,
      group: identity.team ?? identity.feature,
      class: 'budget',
      custom_details: { ...Object.fromEntries(facts(edge)), ...identityAttributes(identity) },
    },
  };
}

/** Ends the alert of a threshold. */
export function pagerDutyResolve(edge: BudgetEdge, threshold: number, routingKey: string): PagerDutyEvent {
  return { routing_key: routingKey, event_action: 'resolve', dedup_key: dedupKey(edge, threshold) };
}
