/** Edges for tests: a feature's budget of $5.00 a day in Berlin, at $5.31. */
import type { BudgetEdge, BudgetIdentity, EdgeWindow } from './types.ts';

export const USD = 1_000_000_000_000n;
export const CENT: bigint = USD / 100n;

/** 2026-11-26 in Berlin, an hour before UTC. */
export const DAY: EdgeWindow = {
  kind: 'calendar',
  start: Date.UTC(2026, 10, 25, 23),
  end: Date.UTC(2026, 10, 26, 23),
  resetsAt: Date.UTC(2026, 10, 26, 23),
  timezone: 'Europe/Berlin',
};

export const IDENTITY: BudgetIdentity = {
  budget: 'agent-copilot',
  environment: 'production',
  window: 'day',
  feature: 'agent-copilot',
  team: 'copilot',
  store: 'store-1',
};

export function edgeOf(
  more: Partial<Omit<BudgetEdge, 'identity'>> & { identity?: Partial<BudgetIdentity> } = {},
): BudgetEdge {
  const { identity, ...rest } = more;
  return {
    state: 'OVER',
    threshold: 1,
    unit: 'usd',
    amount: 5n * USD,
    spent: 531n * CENT,
    coverage: { priced: 112, estimated: 4, unpriced: 2 },
    window: DAY,
    at: Date.UTC(2026, 10, 26, 12, 30),
    top: [
      { model: 'gpt-4o', route: '/chat', tenant: 'acme', spent: 402n * CENT },
      { model: 'gpt-4o-mini', route: '/chat', spent: 129n * CENT },
    ],
    owner: '@copilot',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    actions: ['slack'],
    ...rest,
    identity: { ...IDENTITY, ...identity },
  };
}

/** A monthly budget of $200 for each tenant. */
export function tenantEdge(tenant: string, more: Partial<BudgetEdge> = {}): BudgetEdge {
  const identity = {
    budget: 'tenants',
    window: 'month',
    scope: { key: 'tenant', value: tenant },
    feature: undefined,
    team: undefined,
  };
  return edgeOf({ amount: 200n * USD, spent: 210n * USD, top: [], ...more, identity });
}

/** A budget of $0.10 for each call. */
export function callEdge(call: number, more: Partial<BudgetEdge> = {}): BudgetEdge {
  return edgeOf({
    amount: 10n * CENT,
    spent: 12n * CENT,
    coverage: { priced: 1 },
    window: { kind: 'call', start: DAY.start + call },
    traceId: call.toString(16).padStart(32, '0'),
    ...more,
    identity: { budget: 'one-call', window: 'call' },
  });
}
