/** SDK -> collector -> Prometheus -> rules -> Alertmanager -> Slack and PagerDuty, on both generations of the programs. */
import { startFakeProvider } from '@tokenmeter/fake-provider';
import { DEFAULT_MODEL, type MonitoringModel } from '@tokenmeter/monitoring';
import { picoToUsd } from '@tokenmeter/pricing';
import { describe, expect, test } from 'vitest';
import { ownSum } from '../../packages/tokenmeter/src/demo/own-sum.ts';
import { runDemoApp, startHook } from '../lib/app.ts';
import { startCollector } from '../lib/collector.ts';
import { eventually } from '../lib/process.ts';
import { startAlertmanager, startPrometheus } from '../lib/prometheus.ts';

const MODEL: MonitoringModel = {
  ...DEFAULT_MODEL,
  evaluationSeconds: 1,
  features: { 'rag-search': { team: 'search' } },
  budgets: [{ name: 'rag-search', usd: 0.01, window: 'day', feature: 'rag-search' }],
};
interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly inhibitedBy: readonly string[] };
}

/** Every dollar of every feature. */
const SPENT = 'sum(sum_over_time(tokenmeter:cost_usd:increase[10m]))';

describe.each([
  ['prometheus2', 'alertmanager25'],
  ['prometheus3', 'alertmanager'],
] as const)('%s', (prometheusName, alertmanagerName) => {
  test('the money is the provider’s own sum, and a budget that is overspent is told', async () => {
    const provider = await startFakeProvider({ faultRates: { '429; retry-after=0.01': 0.05, '500': 0.03 } });
    const hook = await startHook();
    const collector = await startCollector();
    const alertmanager = await startAlertmanager({ program: alertmanagerName, model: MODEL, hook: hook.url });
    const prometheus = await startPrometheus({
      program: prometheusName,
      model: MODEL,
      scrape: [collector.ports.prometheus],
      alertmanager: alertmanager.url,
    });
    try {
      await runDemoApp(provider, collector.url, 48);
      const own = picoToUsd(ownSum(provider.served()));
      await eventually(async () => Math.abs((await prometheus.number(SPENT)) - own) < 1e-9);
      const calls = await prometheus.number('sum(sum_over_time(tokenmeter:calls:increase[10m]))');
      expect(calls).toBe(provider.served().totals.calls);

      const toDate = await eventually(async () => {
        const [one] = await prometheus.query('tokenmeter:budget_spent_usd{tokenmeter_budget_name="rag-search"}');
        return one && one.value > 0.01 ? one : undefined;
      });
      expect(toDate.labels).toMatchObject({
        deployment_environment_name: 'test',
        tokenmeter_budget_window: 'day',
        tokenmeter_feature: 'rag-search',
        tokenmeter_team: 'search',
      });

      const slack = await eventually(() =>
        hook.posted('/slack/search').find((post) => JSON.stringify(post).includes('past 100 %')),
      );
      expect(JSON.stringify(slack)).toMatch(/Budget rag-search in test is spent to [\d.]+% per day, past 100 %/);
      const page = await eventually(() =>
        hook.posted('/pagerduty').find((post) => JSON.stringify(post).includes('past 100 %')),
      );
      expect(page).toMatchObject({
        event_action: 'trigger',
        routing_key: 'routing-key',
        payload: { severity: 'critical', component: 'rag-search', group: 'search' },
      });
      // The same alert, as a process with the action `alertmanager` pushes it: Alertmanager has one.
      const pushed = {
        alertname: 'TokenmeterBudget',
        severity: 'critical',
        deployment_environment_name: 'test',
        tokenmeter_budget_name: 'rag-search',
        tokenmeter_budget_window: 'day',
        tokenmeter_budget_threshold: '100%',
        tokenmeter_feature: 'rag-search',
        tokenmeter_team: 'search',
      };
      await fetch(`${alertmanager.url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([{ labels: pushed, annotations: {} }]),
      });
      const alerts = async (): Promise<readonly HeldAlert[]> => {
        const held = await fetch(`${alertmanager.url}/api/v2/alerts?filter=alertname="TokenmeterBudget"`);
        return (await held.json()) as readonly HeldAlert[];
      };
      const critical = (await alerts()).filter(({ labels }) => labels.severity === 'critical');
      expect(critical.map(({ labels }) => labels)).toEqual([pushed]);
      // What was said below the amount is said no more.
      await eventually(async () => {
        const warnings = (await alerts()).filter(({ labels }) => labels.severity === 'warning');
        return warnings.length === 2 && warnings.every(({ status }) => status.inhibitedBy.length > 0);
      });
    } finally {
      for (const program of [prometheus, alertmanager, collector]) {
        await program.stop();
        program.remove();
      }
      await hook.close();
      await provider.close();
    }
  });
});
