/** Each alert fires in a minimal case and is silent just below it. */
import { ALL_ALERTS, DEFAULT_MODEL } from '@tokenmeter/monitoring';
import { describe, expect, test } from 'vitest';
import { AMOUNT, budgetGauge, CASES, MODEL, neededFor, testsOf } from './cases.ts';
import { GENERATIONS, promtool } from './promtool.ts';

test('every alert has a case; the watchdog always fires', () => {
  expect(new Set([...CASES.map((one) => one.alert), 'TokenmeterWatchdog'])).toEqual(
    new Set(ALL_ALERTS.map((alert) => alert.name)),
  );
});

describe.each(GENERATIONS)('%s', (generation) => {
  test.each(CASES)('$alert', (one) => {
    expect(promtool(generation, MODEL, testsOf(one), neededFor([one.alert]))).toBe('');
  });

  test('two replicas on one store are one, two stores are two', () => {
    const spent = (store: string, instance: string): string =>
      budgetGauge('tokenmeter_budget_spent_usd', store, instance);
    const series = {
      [AMOUNT]: '10x9',
      [spent('s', 'a')]: '3x9',
      [spent('s', 'b')]: '4x9',
      [spent('other', 'a')]: '2x9',
    };
    const labels =
      '{tokenmeter_budget_name="tenants", tokenmeter_budget_window="month", tokenmeter_budget_scope_value="acme"}';
    const is = { [`tokenmeter:budget_spent_usd${labels}`]: 6 };
    const expect_ = [{ expr: 'tokenmeter:budget_spent_usd', at: '5m', is }];
    expect(promtool(generation, DEFAULT_MODEL, [{ name: 'stores', series, expect: expect_ }])).toBe('');
  });
});
