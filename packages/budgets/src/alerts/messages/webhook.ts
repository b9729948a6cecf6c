/** An alert as the JSON that a webhook of one's own gets; the shape is documented in `docs/alerts.md`. */
import { formatUsd } from '@tokenmeter/pricing';
import { dedupKey } from '../identity.ts';
import type { Alert, BudgetEdge, BudgetUnit } from '../types.ts';
import { instant } from '../words.ts';
import { alertText } from './text.ts';

export const WEBHOOK_SCHEMA = 'tokenmeter.alert/v1';

/** Times are ISO 8601 in UTC, quantities decimal strings in the unit (`usd`: USD). What is not known is left out. */
export interface WebhookBody {
  readonly schema: typeof WEBHOOK_SCHEMA;
  /** The alert in words. */
  readonly text: string;
  /** Edges that the alert stands for; `edges` has the worst 20. */
  readonly total: number;
  /** Told before, and it holds still. */
  readonly again: boolean;
  readonly edges: readonly object[];
}

export function webhookBody(alert: Alert): WebhookBody {
  const { total, again, edges } = alert;
  return { schema: WEBHOOK_SCHEMA, text: alertText(alert), total, again, edges: edges.map(edgeBody) };
}

function edgeBody(edge: BudgetEdge): object {
  const { identity, state, threshold, unit, coverage, window, owner, traceId, spanId, blocks = false, note } = edge;
  const { budget, environment, scope, store, feature, team } = identity;
  return {
    key: dedupKey(edge, threshold),
    state,
    budget,
    environment,
    scope,
    feature,
    team,
    owner,
    store,
    threshold,
    unit,
    amount: decimal(edge.amount, unit),
    spent: decimal(edge.spent, unit),
    coverage,
    window: {
      name: identity.window,
      kind: window.kind,
      start: instant(window.start),
      end: instant(window.end),
      resetsAt: instant(window.resetsAt),
      timezone: window.timezone ?? 'UTC',
    },
    top: edge.top.map(({ spent, ...names }) => ({ ...names, spent: decimal(spent, unit) })),
    blocks,
    note,
    traceId,
    spanId,
    at: instant(edge.at),
  };
}

/** Exact: USD to the pico-dollar, without zeros at the end beyond cents. */
function decimal(quantity: bigint, unit: BudgetUnit): string {
  return unit === 'usd' ? formatUsd(quantity, 12).replace(/0{1,10}$/, '') : quantity.toString();
}
