/** An alert as OpenTelemetry log events, one per edge. */
import { picoToUsd } from '@tokenmeter/pricing';
import { TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { identityAttributes } from '../identity.ts';
import type { Alert, BudgetUnit, EdgeState } from '../types.ts';
import { headline } from '../words.ts';
import { isDigest, title } from './text.ts';

/** `eventName` of the log record. */
export const BUDGET_EVENT = 'tokenmeter.budget.alert';

export interface BudgetEvent {
  readonly severity: 'INFO' | 'WARN' | 'ERROR';
  readonly body: string;
  /** Unix milliseconds. */
  readonly timestamp: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly traceId?: string;
  readonly spanId?: string;
}

const SEVERITY: Readonly<Record<EdgeState, BudgetEvent['severity']>> = { WARN: 'WARN', OVER: 'ERROR', RESET: 'INFO' };

export function budgetEvents(alert: Alert): readonly BudgetEvent[] {
  const { edges, again } = alert;
  const digest = isDigest(alert);
  return (digest ? [edges[0]] : edges).map((edge) => ({
    severity: SEVERITY[edge.state],
    body: digest ? title(alert) : headline(edge, again),
    timestamp: edge.at,
    attributes: {
      ...identityAttributes(edge.identity),
      [TOKENMETER_ATTR.budgetState]: edge.state,
      [TOKENMETER_ATTR.budgetThreshold]: edge.threshold,
      [TOKENMETER_ATTR.budgetUnit]: edge.unit,
      [TOKENMETER_ATTR.budgetAmount]: toNumber(edge.amount, edge.unit),
      [TOKENMETER_ATTR.budgetSpent]: toNumber(edge.spent, edge.unit),
    },
    traceId: edge.traceId,
    spanId: edge.spanId,
  }));
}

function toNumber(quantity: bigint, unit: BudgetUnit): number {
  return unit === 'usd' ? picoToUsd(quantity) : Number(quantity);
}
