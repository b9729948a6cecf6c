import { metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { afterEach, expect, it } from 'vitest';
import { Engine } from './engine.ts';
import { createBudgetMetrics } from './metrics.ts';
import { memoryState } from './store/memory.ts';
import { budgets, call, NOON } from './testing.ts';

class Reader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

afterEach(() => metrics.disable());

/** By instrument: the attributes and value of each point. */
async function collect(reader: Reader): Promise<Record<string, [attributes: object, value: unknown][]>> {
  const { resourceMetrics } = await reader.collect();
  return Object.fromEntries(
    resourceMetrics.scopeMetrics.flatMap(({ metrics: all }) =>
      all.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => [attributes, value] as [object, unknown]),
      ]),
    ),
  );
}

it('tells amount, spend and refusals by budget, and a value only where its key may go on metrics', async () => {
  const reader = new Reader();
  const engine = new Engine({
    budgets: budgets(
      { name: 'tenants', per: 'day', usd: 5, each: 'tenant' },
      { name: 'features', per: '5m', usd: 9, each: 'feature' },
      { name: 'tokens', per: 'day', tokens: 5 },
      { name: 'single', per: 'call', usd: 5 },
    ),
    state: memoryState('store-1'),
    onEdge: () => {},
    now: () => NOON,
  });
  const made = createBudgetMetrics({ engine, onMetrics: (key) => key === 'feature' });
  // A provider that comes later is joined, too.
  made.join();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  made.join();
  const attribution = { environment: 'production', feature: 'search' };
  engine.record(call({ usd: 1, attribution: { ...attribution, tenant: 'acme' } }));
  engine.record(call({ usd: 2.5, attribution: { ...attribution, tenant: 'beta' } }));
  const [tenants] = engine.trackers;
  if (!tenants) throw new Error('it is there');
  const refusal = { budget: tenants.budget, environment: 'production', value: 'acme', spent: 0, held: 0, asked: 0 };
  made.countBlocked({ ...refusal, reason: 'amount' });
  made.countBlocked({ ...refusal, value: 'beta', reason: 'amount' });

  const ids = { 'tokenmeter.budget.store': 'store-1', 'deployment.environment.name': 'production' };
  const ofTenants = { ...ids, 'tokenmeter.budget.name': 'tenants', 'tokenmeter.budget.window': 'day' };
  const ofFeatures = {
    ...ids,
    'tokenmeter.budget.name': 'features',
    'tokenmeter.budget.window': '5m',
    'tokenmeter.budget.scope.value': 'search',
  };
  const found = await collect(reader);
  expect(found['tokenmeter.budget.usd']).toEqual([
    [ofTenants, 5],
    [ofFeatures, 9],
  ]);
  expect(found['tokenmeter.budget.spent.usd']).toEqual([
    [ofTenants, 2.5],
    [ofFeatures, 3.5],
  ]);
  expect(found['tokenmeter.budget.blocked']).toEqual([[ofTenants, 2]]);
});
