/** SDK -> collector -> Prometheus -> rules -> Alertmanager -> Slack and PagerDuty, on both generations of the programs. */
import type { BudgetSources } from '@tokenmeter/budgets';
import { startFakeProvider } from '@tokenmeter/fake-provider';
import { picoToUsd } from '@tokenmeter/pricing';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ownSum } from '../../packages/tokenmeter/src/demo/own-sum.ts';
import { runDemoApp, startHook } from '../lib/app.ts';
import { startCollector } from '../lib/collector.ts';
import { modelOf } from '../lib/model.ts';
import { eventually } from '../lib/process.ts';
import { startAlertmanager, startPrometheus } from '../lib/prometheus.ts';

/** Every kind of budget in USD. All but that of rag-search are spent by the first call. */
const config = (alertmanager: string): string => `
features:
  rag-search: { team: search, budget: { usd: 0.01, per: day } }
  translate:  { team: content }
budgets:
  - { name: whole,        usd: 0.000001, per: month, thresholds: [12.5%] }
  - { name: matched,      usd: 0.000001, per: hour,  match: { feature: rag-search }, thresholds: [150%] }
  - { name: pattern,      usd: 0.000001, per: day,   match: { feature: [rag*, translate] } }
  - { name: team,         usd: 0.000001, per: week,  match: { team: search, environment: test } }
  - { name: each-feature, usd: 0.000001, per: day,   each: feature }
  - { name: each-team,    usd: 0.000001, per: day,   each: team }
  - { name: each-env,     usd: 0.000001, per: day,   each: environment }
  - { name: each-model,   usd: 0.000001, per: day,   each: model, match: { feature: rag-search } }
  - { name: berlin,       usd: 0.000001, per: month, timezone: Europe/Berlin, match: { feature: rag-search } }
  - { name: berlin-teams, usd: 0.000001, per: day,   timezone: Europe/Berlin, each: team }
  - { name: provider,     usd: 0.000001, per: day,   match: { provider: openai, team: search } }
  - { name: rolling,      usd: 0.000001, per: 24h }
  # Tenants are not on metrics here: rules know only how much the highest has spent.
  - { name: tenants,      usd: 0.000001, per: month, each: tenant }
alerts:
  alertmanager: { url: "${alertmanager}" }
`;
const MODEL = { ...modelOf(parse(config('http://127.0.0.1')) as BudgetSources), evaluationSeconds: 1 };

type Labels = Readonly<Record<string, string>>;
interface HeldAlert {
  readonly labels: Labels;
  readonly status: { readonly inhibitedBy: readonly string[] };
}

/** Every dollar of every feature. */
const SPENT = 'sum(sum_over_time(tokenmeter:cost_usd:increase[10m]))';

/** Label sets in an order of their own, each once. */
function sets(all: readonly Labels[]): readonly string[] {
  return [...new Set(all.map((labels) => JSON.stringify(Object.entries(labels).sort())))].sort();
}

describe.each([
  ['prometheus2', 'alertmanager25'],
  ['prometheus3', 'alertmanager'],
] as const)('%s', (prometheusName, alertmanagerName) => {
  test('the money is the provider’s own sum, and a budget that is overspent is told once', async () => {
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
      // What the process pushes is kept, to compare it with what the rules say, and goes to Alertmanager below.
      await runDemoApp(provider, collector.url, 48, {}, undefined, config(hook.url));
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

      const told = (text: string) => (post: object) => JSON.stringify(post).includes(text);
      const page = await eventually(() =>
        hook.posted('/pagerduty').find(told('Budget rag-search in test is spent to')),
      );
      expect(page).toMatchObject({
        event_action: 'trigger',
        routing_key: 'routing-key',
        payload: { severity: 'critical', component: 'rag-search', group: 'search' },
      });
      const slack = await eventually(() =>
        hook.posted('/slack/search').find(told('Budget rag-search in test is spent to')),
      );
      expect(JSON.stringify(slack)).toMatch(/Budget rag-search in test is spent to [\d.]+% per day, past 100 %/);

      // A process pushes the highest threshold of those that a call crosses; whatever it pushes, rules say with the same labels.
      const pushes = hook.posted('/api/v2/alerts').flatMap((body) => body as unknown as readonly { labels: Labels }[]);
      const pushed = pushes.map(({ labels }) => labels);
      const isTenants = ({ tokenmeter_budget_name: name }: Labels): boolean => name === 'tenants';
      const firing = async (): Promise<readonly Labels[]> => {
        const alerts = await prometheus.query('ALERTS{alertname="TokenmeterBudget", alertstate="firing"}');
        return alerts.map(({ labels: { __name__, alertstate, ...labels } }) => labels);
      };
      const visible = sets(pushed.filter((labels) => !isTenants(labels)));
      expect(new Set(pushed.map((labels) => labels.tokenmeter_budget_name)).size).toBe(MODEL.budgets.length);
      await eventually(async () => {
        const ruled = sets(await firing());
        return visible.every((labels) => ruled.includes(labels));
      }).catch(() => undefined);
      expect(sets(await firing())).toEqual(expect.arrayContaining([...visible]));
      const critical = (all: readonly Labels[]): readonly string[] =>
        sets(all.filter((labels) => labels.severity === 'critical' && !isTenants(labels)));
      expect(critical(await firing())).toEqual(critical(pushed));

      await fetch(`${alertmanager.url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(pushes),
      });
      const held = async (filter: string): Promise<readonly HeldAlert[]> => {
        const query = new URLSearchParams([
          ['filter', 'alertname="TokenmeterBudget"'],
          ['filter', filter],
        ]);
        return (await fetch(`${alertmanager.url}/api/v2/alerts?${query}`).then((answer) =>
          answer.json(),
        )) as HeldAlert[];
      };
      const overspent = await held('severity="critical"');
      expect(critical(overspent.map(({ labels }) => labels))).toEqual(critical(pushed));
      // What was said below the amount is said no more, and of tenants only what the process says, who knows which.
      await eventually(async () => {
        const warnings = await held('tokenmeter_budget_name="rag-search"');
        const silent = warnings.filter(({ status }) => status.inhibitedBy.length > 0);
        return warnings.length === 3 && silent.length === 2;
      });
      await eventually(async () => {
        const tenants = await held('tokenmeter_budget_name="tenants"');
        const heard = tenants.filter(({ status }) => status.inhibitedBy.length === 0).map(({ labels }) => labels);
        return JSON.stringify(sets(heard)) === JSON.stringify(sets(pushed.filter(isTenants)));
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
