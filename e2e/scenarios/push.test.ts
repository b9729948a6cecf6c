/**
 * Metrics that are pushed: by remote write into Prometheus, by OTLP into VictoriaMetrics, which Prometheus then asks. What
 * a restart of the collector and an outage of the target cost is what docs/monitoring.md says.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { DEFAULT_MODEL } from '@tokenmeter/monitoring';
import { picoToUsd } from '@tokenmeter/pricing';
import { afterEach, expect, test } from 'vitest';
import { ownSum } from '../../packages/tokenmeter/src/demo/own-sum.ts';
import { runDemoApp } from '../lib/app.ts';
import { type Collector, startCollector } from '../lib/collector.ts';
import { traces } from '../lib/otlp.ts';
import { eventually, freePorts, type Running, start } from '../lib/process.ts';
import { type Prometheus, startPrometheus } from '../lib/prometheus.ts';
import { pathOf } from '../programs/table.ts';

const MODEL = { ...DEFAULT_MODEL, evaluationSeconds: 1 };
const SPENT = 'sum(sum_over_time(tokenmeter:cost_usd:increase[15m]))';
/** What VictoriaMetrics is asked for, as docs/monitoring.md says. */
const EVERYTHING = '{__name__=~"(tokenmeter|gen_ai)_.*|target_info"}';

const running: { stop(): Promise<void>; remove?(): void }[] = [];
afterEach(async () => {
  for (const program of running.splice(0).toReversed()) {
    await program.stop();
    program.remove?.();
  }
});
const keep = <P extends (typeof running)[number]>(program: P): P => {
  running.push(program);
  return program;
};

/** Both metrics pipelines push to one exporter, as the docs say. */
function pushing(exporter: string): () => object {
  return () => ({
    processors: { batch: { timeout: '100ms' } },
    service: {
      pipelines: { 'metrics/priced': { exporters: [exporter] }, 'metrics/processes': { exporters: [exporter] } },
    },
  });
}
const REMOTE_WRITE = pushing('prometheus_remote_write');
const OTLP = pushing('otlp_http/metrics');

/** One call of gpt-4o of a dollar: 400,000 tokens at 2.5 USD per million. */
const DOLLAR = {
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 400_000,
    'gen_ai.usage.output_tokens': 0,
    'tokenmeter.feature': 'f',
  },
};
async function dollars(collector: Collector, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) await collector.send('traces', traces([DOLLAR]));
}

async function spent(prometheus: Prometheus, usd: number): Promise<void> {
  try {
    await eventually(async () => Math.abs((await prometheus.number(SPENT)) - usd) < 1e-9, 45_000);
  } catch {
    expect(await prometheus.number(SPENT)).toBeCloseTo(usd, 9);
  }
}

/** The conventions' tokens, by the names that this path gives them. */
async function conventionTokens(prometheus: Prometheus, { served }: FakeProvider): Promise<void> {
  const { input, output } = served().totals.usage;
  const counted = 'sum by (deployment_environment_name) (sum_over_time(tokenmeter:gen_ai_tokens:increase[15m]))';
  // Counted behind the money of the same evaluation.
  await eventually(async () => {
    const found = await prometheus.query(counted);
    return found.length === 1 && found[0]?.value === input + output;
  }).catch(() => {});
  expect(await prometheus.query(counted)).toEqual([
    { labels: { deployment_environment_name: 'test' }, value: input + output },
  ]);
}

test.each(['prometheus2', 'prometheus3'] as const)('remote write into %s: SDK, four processes', async (program) => {
  const provider = await startFakeProvider();
  const prometheus = keep(await startPrometheus({ program, model: MODEL }));
  const collector = keep(await startCollector({ config: REMOTE_WRITE, env: { PROMETHEUS_URL: prometheus.url } }));
  try {
    await Promise.all([1, 2, 3, 4].map(() => runDemoApp(provider, collector.url, 16)));
    await spent(prometheus, picoToUsd(ownSum(provider.served())));
    await conventionTokens(prometheus, provider);
  } finally {
    await provider.close();
  }
});

/** VictoriaMetrics takes OTLP by itself; a Prometheus that asks it for everything evaluates the rules. */
async function startVictoriaMetrics(port: number, folder: string): Promise<Running & { readonly url: string }> {
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${folder}`,
    '-opentelemetry.usePrometheusNaming',
    '-search.latencyOffset=0s',
  ];
  return { ...(await start(pathOf('victoria-metrics'), args, { ready: `${url}/health` })), url };
}

test('OTLP into VictoriaMetrics, which Prometheus scrapes with honor_labels', async () => {
  const provider = await startFakeProvider();
  const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-vm-'));
  running.push({ stop: async () => rmSync(folder, { recursive: true, force: true }) });
  const [port = 0] = await freePorts(1);
  const victoria = keep(await startVictoriaMetrics(port, folder));
  const federate = { port, path: '/federate', match: EVERYTHING };
  const prometheus = keep(await startPrometheus({ program: 'prometheus3', model: MODEL, federate }));
  const collector = keep(
    await startCollector({ config: OTLP, env: { METRICS_OTLP_URL: `${victoria.url}/opentelemetry/v1/metrics` } }),
  );
  try {
    await runDemoApp(provider, collector.url, 32);
    await dollars(collector, 3);
    await spent(prometheus, picoToUsd(ownSum(provider.served())) + 3);
    await conventionTokens(prometheus, provider);
  } finally {
    await provider.close();
  }
});

test('the collector is ended by SIGTERM under load and starts again: nothing is lost', async () => {
  const prometheus = keep(await startPrometheus({ program: 'prometheus3', model: MODEL }));
  const options = { config: REMOTE_WRITE, env: { PROMETHEUS_URL: prometheus.url } };
  let collector = await startCollector(options);
  for (let restart = 0; restart < 2; restart += 1) {
    await dollars(collector, 50);
    await collector.stop('SIGTERM');
    collector = await startCollector({ ...options, again: collector });
  }
  keep(collector);
  await dollars(collector, 50);
  await spent(prometheus, 150);
});

test('the collector is killed and starts again: what was counted before counts once', async () => {
  const prometheus = keep(await startPrometheus({ program: 'prometheus3', model: MODEL }));
  const options = { config: REMOTE_WRITE, env: { PROMETHEUS_URL: prometheus.url } };
  const first = await startCollector(options);
  await dollars(first, 20);
  await spent(prometheus, 20);
  await first.stop('SIGKILL');
  const collector = keep(await startCollector({ ...options, again: first }));
  await dollars(collector, 20);
  await spent(prometheus, 40);
});

test('the target is down while the collector lives: nothing is lost by OTLP, by a SIGTERM in the outage neither', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-vm-'));
  running.push({ stop: async () => rmSync(folder, { recursive: true, force: true }) });
  const [port = 0] = await freePorts(1);
  let victoria = await startVictoriaMetrics(port, folder);
  const federate = { port, path: '/federate', match: EVERYTHING };
  const prometheus = keep(await startPrometheus({ program: 'prometheus3', model: MODEL, federate }));
  const options = { config: OTLP, env: { METRICS_OTLP_URL: `${victoria.url}/opentelemetry/v1/metrics` } };
  let collector = await startCollector(options);
  await dollars(collector, 5);
  await spent(prometheus, 5);
  await victoria.stop();
  await dollars(collector, 7);
  await collector.stop('SIGTERM');
  collector = keep(await startCollector({ ...options, again: collector }));
  await dollars(collector, 11);
  victoria = keep(await startVictoriaMetrics(port, folder));
  await spent(prometheus, 23);
});

test('the target is down while the collector lives: nothing is lost by remote write', async () => {
  const first = await startPrometheus({ program: 'prometheus3', model: MODEL });
  const collector = keep(await startCollector({ config: REMOTE_WRITE, env: { PROMETHEUS_URL: first.url } }));
  await dollars(collector, 5);
  await spent(first, 5);
  await first.stop();
  await dollars(collector, 7);
  const prometheus = keep(await startPrometheus({ program: 'prometheus3', model: MODEL, again: first }));
  await dollars(collector, 11);
  await spent(prometheus, 23);
});
