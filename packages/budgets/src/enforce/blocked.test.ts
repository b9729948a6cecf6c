import { context, logs, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, expect, it } from 'vitest';
import { budgets } from '../testing.ts';
import { tellBlocked } from './blocked.ts';
import type { Refusal } from './error.ts';

const [budget] = budgets({ name: 'tenants', per: 'day', usd: 5, each: 'tenant', enforce: 'check' });

function refusal(): Refusal {
  if (!budget) throw new Error('it is there');
  return { budget, environment: 'staging', value: 'acme', spent: 6e9, held: 0, asked: 0, reason: 'amount' };
}

afterEach(() => {
  logs.disable();
  context.disable();
});

it('a refused call is a log event in its trace', () => {
  const emitted: { readonly attributes?: object; readonly eventName?: string; readonly context?: unknown }[] = [];
  const logger = { emit: (record: object) => void emitted.push(record), enabled: () => true };
  logs.setGlobalLoggerProvider({ getLogger: () => logger });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const span = trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 });
  context.with(trace.setSpan(context.active(), span), () => tellBlocked(refusal(), 'store-1'));
  expect(emitted).toMatchObject([
    {
      eventName: 'tokenmeter.budget.blocked',
      severityText: 'WARN',
      body: expect.stringContaining('Budget "tenants" of tenant acme in staging refused the call: $6.0000 of $5.0000'),
      attributes: {
        'tokenmeter.budget.name': 'tenants',
        'tokenmeter.budget.scope.value': 'acme',
        'tokenmeter.budget.amount': 5,
        'tokenmeter.budget.spent': 6,
        'deployment.environment.name': 'staging',
      },
    },
  ]);
  const [event] = emitted;
  expect(trace.getSpanContext(event?.context as Parameters<typeof trace.getSpanContext>[0])?.traceId).toBe(
    'a'.repeat(32),
  );
});

it('what the LoggerProvider throws reaches nobody', () => {
  logs.setGlobalLoggerProvider({
    getLogger: () => {
      throw new Error('broken');
    },
  });
  expect(() => tellBlocked(refusal(), 'store-1')).not.toThrow();
});
