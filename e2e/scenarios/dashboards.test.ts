/** Every query of every panel, variable and alert, asked of a real Prometheus that holds what the demo's app cost. */
import { startFakeProvider } from '@tokenmeter/fake-provider';
import { ALL_ALERTS, DASHBOARDS, generateFiles } from '@tokenmeter/monitoring';
import { picoToUsd } from '@tokenmeter/pricing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownSum } from '../../packages/tokenmeter/src/demo/own-sum.ts';
import { runDemoApp } from '../lib/app.ts';
import { type Collector, startCollector } from '../lib/collector.ts';
import { modelOf } from '../lib/model.ts';
import { eventually } from '../lib/process.ts';
import { type Prometheus, startPrometheus } from '../lib/prometheus.ts';

const MODEL = { ...modelOf({ budgets: [{ name: 'all', usd: 10, per: 'month' }] }), evaluationSeconds: 1 };

/** As Grafana fills in a query, with everything chosen. */
const filled = (expr: string): string =>
  expr.replaceAll('$__range', '10m').replaceAll(/\$(?:environment|feature)\b/g, '.*');

describe.each(['prometheus2', 'prometheus3'] as const)('%s', (program) => {
  let collector: Collector;
  let prometheus: Prometheus;
  let own: number;
  let tokens: number;

  beforeAll(async () => {
    const provider = await startFakeProvider();
    collector = await startCollector({ model: MODEL });
    prometheus = await startPrometheus({ program, model: MODEL, scrape: [collector.ports.prometheus] });
    await runDemoApp(provider, collector.url, 32);
    own = picoToUsd(ownSum(provider.served()));
    const { usage } = provider.served().totals;
    tokens = usage.input + usage.output;
    await provider.close();
    await eventually(
      async () => Math.abs((await prometheus.number(filled(exprOf('Spent in this time')))) - own) < 1e-9,
    );
    await prometheus.evaluated();
  });
  afterAll(async () => {
    for (const one of [prometheus, collector]) {
      await one?.stop();
      one?.remove();
    }
  });

  const panels = DASHBOARDS.flatMap(({ title, panels }) =>
    panels.map((panel) => [`${title}: ${panel.title}`, panel] as const),
  );
  test.each(panels)('%s', async (_, panel) => {
    for (const { expr } of panel.queries) {
      const series = await prometheus.query(filled(expr));
      expect(series.length, expr).toBeGreaterThan(0);
      for (const { value } of series) expect(Number.isFinite(value), expr).toBe(true);
    }
  });

  test('the money of the panels is the provider’s own sum', async () => {
    for (const title of ['Spent this month', 'Spent in this time']) {
      expect(await prometheus.number(filled(exprOf(title)))).toBeCloseTo(own, 9);
    }
    const byFeature = await prometheus.query(filled(exprOf('Cost by feature and model')));
    expect(byFeature.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(own, 9);
    expect(await prometheus.number(filled(exprOf('Coverage')))).toBe(1);
  });

  test('the conventions’ tokens are the provider’s own, and calls have a duration by environment, feature and model', async () => {
    const counted = 'sum(sum_over_time(tokenmeter:gen_ai_tokens:increase[10m]))';
    await eventually(async () => (await prometheus.number(counted)) === tokens);
    await prometheus.evaluated();
    const ended = await prometheus.query('last_over_time(tokenmeter_call:duration_seconds_bucket:increase5m[10m])');
    for (const { labels } of ended) {
      expect(labels).toMatchObject({
        deployment_environment_name: 'test',
        tokenmeter_feature: expect.any(String),
        gen_ai_provider_name: expect.stringMatching(/^(openai|anthropic)$/),
        gen_ai_request_model: expect.any(String),
      });
    }
    expect(new Set(ended.map(({ labels }) => labels.tokenmeter_feature)).size).toBe(6);
  });

  test('the choices of environment and feature are not empty', async () => {
    for (const label of ['deployment_environment_name', 'tokenmeter_feature']) {
      const values = await prometheus.query(`count by (${label}) (tokenmeter_feature:cost_usd:month_to_date)`);
      expect(values.length).toBeGreaterThan(0);
      for (const { labels } of values) expect(labels[label]).toBeTruthy();
    }
  });

  test('every alert can be evaluated', async () => {
    const rules = generateFiles(MODEL).get('deploy/prometheus/tokenmeter.rules.yml') as string;
    expect(rules).toContain('TokenmeterBudgetBurns');
    for (const { expr } of ALL_ALERTS) await prometheus.query(expr);
    const failures = await fetch(`${prometheus.url}/metrics`).then((response) => response.text());
    const failed = [...failures.matchAll(/^prometheus_rule_evaluation_failures_total\{.*\} ([\d.e+]+)$/gm)].map(
      ([, count]) => Number(count),
    );
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((count) => count === 0)).toBe(true);
  });
});

function exprOf(title: string): string {
  const panel = DASHBOARDS.flatMap(({ panels }) => panels).find((one) => one.title === title);
  return panel?.queries[0]?.expr as string;
}
