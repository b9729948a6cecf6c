import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CENT, callEdge, edgeOf, tenantEdge, USD } from './edges.fixture.ts';
import { Grouping } from './grouping.ts';
import type { Alert, BudgetEdge } from './types.ts';

const MINUTE = 60_000;

let told: Alert[];
let grouping: Grouping;

function begin(values = true): void {
  told = [];
  grouping = new Grouping({ values, waitMs: 5 * MINUTE, deliver: (alert) => told.push(alert) });
}

function states(alert: Alert | undefined): string[] {
  return (alert?.edges ?? []).map((edge) => `${edge.identity.scope?.value ?? ''}${edge.state}${edge.threshold}`);
}

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1);
const minutes = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * MINUTE);

beforeEach(() => {
  vi.useFakeTimers();
  begin();
});
afterEach(() => vi.useRealTimers());

const WARN = (threshold: number): Partial<BudgetEdge> => ({ state: 'WARN', threshold, spent: 415n * CENT });

describe('a budget with one value', () => {
  it('is told at once, in one message where a call crosses several thresholds', async () => {
    for (const edge of [edgeOf(WARN(0.5)), edgeOf(WARN(0.8)), edgeOf()]) grouping.add(edge);
    expect(told).toEqual([]);
    await turn();
    expect(told.map(states)).toEqual([['OVER1']]);
    grouping.add(edgeOf({ state: 'RESET' }));
    await turn();
    expect(told.map(states)).toEqual([['OVER1'], ['RESET1']]);
  });
});

describe('a budget with several values', () => {
  it('is told within five minutes, all values together, the worst first', async () => {
    grouping.add(tenantEdge('acme', WARN(0.8)));
    await minutes(2);
    grouping.add(tenantEdge('bolt', { spent: 230n * USD }));
    grouping.add(tenantEdge('core', { spent: 300n * USD }));
    await minutes(2.9);
    expect(told).toEqual([]);
    await minutes(0.2);
    expect(told.map(states)).toEqual([['coreOVER1', 'boltOVER1', 'acmeWARN0.8']]);
  });

  it('says of each value what is last true of it', async () => {
    grouping.add(tenantEdge('acme', WARN(0.8)));
    grouping.add(tenantEdge('acme'));
    grouping.add(tenantEdge('bolt'));
    grouping.add(tenantEdge('bolt', { state: 'RESET' }));
    await minutes(5);
    expect(told.map(states)).toEqual([['acmeOVER1', 'boltRESET1']]);
    expect(told[0]?.total).toBe(2);
  });

  it('is told value by value where a message holds one only', async () => {
    begin(false);
    grouping.add(tenantEdge('acme'));
    grouping.add(tenantEdge('bolt'));
    await turn();
    expect(told.map(states)).toEqual([['acmeOVER1'], ['boltOVER1']]);
  });

  it('names twenty values and counts them all', async () => {
    for (let tenant = 0; tenant < 500; tenant++) grouping.add(tenantEdge(`t${tenant}`));
    await minutes(5);
    expect(told.map(({ edges, total }) => [edges.length, total])).toEqual([[20, 500]]);
  });

  it('begins anew after a message', async () => {
    grouping.add(tenantEdge('acme'));
    await minutes(5);
    grouping.add(tenantEdge('bolt'));
    await minutes(4.9);
    expect(told).toHaveLength(1);
    await minutes(0.2);
    expect(told).toHaveLength(2);
  });

  it('of another budget are another message', async () => {
    grouping.add(tenantEdge('acme'));
    grouping.add({ ...tenantEdge('acme'), identity: { ...tenantEdge('acme').identity, budget: 'other' } });
    await minutes(5);
    expect(told).toHaveLength(2);
  });
});

describe('calls and requests', () => {
  it('are told once at once, then in one digest for five minutes', async () => {
    for (let call = 0; call < 50; call++) grouping.add(callEdge(call));
    await turn();
    expect(told.map(({ total }) => total)).toEqual([1]);
    await minutes(3);
    grouping.add(callEdge(50, { spent: USD }));
    await minutes(2);
    expect(told.map(({ total }) => total)).toEqual([1, 50]);
    expect(told[1]?.edges[0].spent).toBe(USD);
  });

  it('go on in digests until five minutes pass without any, and begin anew then', async () => {
    grouping.add(callEdge(1));
    await turn();
    for (let round = 0; round < 3; round++) {
      grouping.add(callEdge(10 + round));
      await minutes(5);
    }
    expect(told.map(({ total }) => total)).toEqual([1, 1, 1, 1]);
    await minutes(5);
    expect(told).toHaveLength(4);
    grouping.add(callEdge(99));
    await turn();
    expect(told).toHaveLength(5);
  });

  it('are one message where a call crosses several thresholds', async () => {
    for (const edge of [callEdge(1, WARN(0.5)), callEdge(1, WARN(0.8)), callEdge(1)]) grouping.add(edge);
    await turn();
    await minutes(5);
    expect(told.map(states)).toEqual([['OVER1']]);
  });

  it('do not hold up the first OVER behind warnings', async () => {
    grouping.add(callEdge(1, WARN(0.8)));
    await turn();
    grouping.add(callEdge(2, WARN(0.8)));
    grouping.add(callEdge(3));
    await turn();
    expect(told.map(states)).toEqual([['WARN0.8'], ['OVER1']]);
    grouping.add(callEdge(4));
    await minutes(5);
    expect(told.map(states)).toEqual([['WARN0.8'], ['OVER1'], ['OVER1', 'WARN0.8']]);
  });

  it('hold no more than a thousand edges, and count all of them', async () => {
    grouping.add(callEdge(0));
    await turn();
    for (let call = 1; call <= 50_000; call++) grouping.add(callEdge(call, { spent: BigInt(call) * CENT }));
    await minutes(5);
    expect(told[1]?.total).toBe(50_000);
    expect(told[1]?.edges.map(({ spent }) => spent / CENT)).toEqual(
      Array.from({ length: 20 }, (_, at) => 50_000n - BigInt(at)),
    );
  });

  it('lose none, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ wait: fc.nat(10 * MINUTE), state: fc.constantFrom('WARN', 'OVER') }), { maxLength: 30 }),
        async (steps) => {
          begin();
          for (const [call, { wait, state }] of steps.entries()) {
            grouping.add(callEdge(call, { state: state as BudgetEdge['state'] }));
            await vi.advanceTimersByTimeAsync(wait);
          }
          grouping.release();
          expect(told.reduce((sum, { total }) => sum + total, 0)).toBe(steps.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});

it('release tells everything that waits, and nothing twice', async () => {
  grouping.add(edgeOf());
  grouping.add(tenantEdge('acme'));
  grouping.add(callEdge(1));
  grouping.add(callEdge(2));
  grouping.release();
  expect(told).toHaveLength(4);
  await minutes(20);
  expect(told).toHaveLength(4);
});
