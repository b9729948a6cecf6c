/**
 * An alert as Alertmanager's API v2 takes it. The labels are the identity of the budget and of the threshold, nothing
 * else: replicas that see the same budget push the same alert. It ends by itself with the window.
 */
import { thresholdsOf } from '../identity.ts';
import { alertLabels } from '../labels.ts';
import type { BudgetEdge } from '../types.ts';
import { headline, instant } from '../words.ts';
import { facts } from './text.ts';

export interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt?: string;
  readonly endsAt?: string;
}

/** How long the alert of a call or request stands: long enough for a group's wait, short enough to end with a loop. */
const MOMENT_MS = 5 * 60_000;

/** The alerts of one edge: of its threshold, or on `RESET` of all that end now. */
export function alertmanagerAlerts(edge: BudgetEdge, now: number): readonly AlertmanagerAlert[] {
  const ends = edge.state === 'RESET' ? now : endOf(edge, now);
  const annotations = { summary: headline(edge), ...annotationsOf(edge) };
  return (edge.state === 'RESET' ? thresholdsOf(edge) : [edge.threshold]).map((threshold) => ({
    labels: alertLabels(edge.identity, threshold),
    annotations,
    // A RESET knows nothing of the start, and Alertmanager keeps the one it has.
    ...(edge.state !== 'RESET' && { startsAt: instant(Math.min(edge.at, now)) }),
    endsAt: instant(ends),
  }));
}

/** A calendar window ends when it ends. A rolling one moves: the alert stands for its length after each sending. What was over is told for a moment. */
function endOf({ window: { kind, end }, at }: BudgetEdge, now: number): number {
  if (end === undefined || end <= at) return now + MOMENT_MS;
  return kind === 'rolling' ? now + Math.max(end - at, MOMENT_MS) : end;
}

function annotationsOf(edge: BudgetEdge): Record<string, string> {
  const rest = facts(edge).map(([label, value]) => [label.toLowerCase().replaceAll(' ', '_'), value] as const);
  return Object.fromEntries(rest);
}
