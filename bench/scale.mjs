/**
 * A fleet at its worst: every replica calls every model for every feature. What its processes and a Prometheus with the
 * generated rules then hold, and how long the rules take. Usage: npm run bench -- scale [--features=200] [--models=20]
 * [--replicas=50] [--scrape=180]
 *
 * Table, exporter, rules and Prometheus are the real ones; the replicas live in one process. Prometheus keeps what the rules
 * read, as docs/scaling.md says. The money in Prometheus must be what was spent. Needs `npm run e2e:setup`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_MODEL, generateFiles } from '@tokenmeter/monitoring';
import { stringify } from 'yaml';
import { freePorts, start } from '../e2e/lib/process.ts';
import { pathOf } from '../e2e/programs/table.ts';
import { startFleet } from './lib/fleet.mjs';
import { main, option, table, Void } from './lib/print.mjs';

const FEATURES = option('features', 200);
const MODELS = option('models', 20);
const REPLICAS = option('replicas', 50);
/** Seconds between two scrapes: one process answers for all replicas. */
const SCRAPE = option('scrape', 180);

/** What of a process the rules read. */
const READ = [
  { source_labels: ['__name__'], regex: 'gen_ai_.*_bucket', action: 'drop' },
  {
    source_labels: ['__name__', 'le'],
    separator: ';',
    regex: 'tokenmeter_call_cost_usd_bucket;(0\\..*|5\\..*|1.*|20.*)',
    action: 'drop',
  },
];

await main(async () => {
  const fleet = await startFleet(REPLICAS);
  const prometheus = await startPrometheus(fleet.port);
  try {
    // What the counters held when the rules were first evaluated counts for nothing.
    await until(prometheus, async () => (await prometheus.number('count_over_time(tokenmeter:counting[10m])')) > 1);
    const features = Array.from({ length: FEATURES }, (_, index) => `feature-${index}`);
    const models = Array.from({ length: MODELS }, (_, index) => `model-${index}`);
    const pairs = features.flatMap((feature) => models.map((model) => [feature, model]));
    const heap = heapUsed();
    const used = cpuSeconds();
    await fleet.call(pairs);
    const perCall = ((cpuSeconds() - used) * 1e6) / (pairs.length * REPLICAS);
    const perReplica = (heapUsed() - heap) / REPLICAS;
    const spent = pairs.length * REPLICAS * fleet.usdPerCall;
    const seen = 'sum(sum_over_time(tokenmeter:cost_usd:increase[1h]))';
    await until(prometheus, async () => Math.abs((await prometheus.number(seen)) - spent) < 1e-6 * spent);
    // A second round, onto series that are there.
    await fleet.call(pairs);
    await until(prometheus, async () => Math.abs((await prometheus.number(seen)) - 2 * spent) < 1e-6 * spent);
    const scrape = await fleet.scrape();
    table(
      ['one process', ''],
      [
        ['series that it offers', scrape.series],
        ['of these, what the rules read', await prometheus.number('max(scrape_samples_post_metric_relabeling)')],
        ['size of a scrape, MB', (scrape.bytes / 1e6).toFixed(1)],
        ['CPU of a scrape, ms', scrape.cpuMs.toFixed(0)],
        ['heap of table and exporter, MB', (perReplica / 1e6).toFixed(1)],
        ['CPU of a call, µs', perCall.toFixed(0)],
      ],
    );
    console.log();
    table([`Prometheus, ${REPLICAS} processes`, ''], await prometheus.sizes());
    console.log();
    table(['the dearest rules', 's'], await prometheus.dearestRules());
  } finally {
    await prometheus.stop();
    await fleet.stop();
  }
});

async function startPrometheus(fleetPort) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-scale-'));
  const [port] = await freePorts(1);
  writeFileSync(join(folder, 'rules.yml'), generateFiles(DEFAULT_MODEL).get('deploy/prometheus/tokenmeter.rules.yml'));
  const replicas = Array.from({ length: REPLICAS }, (_, index) => ({
    targets: [`127.0.0.1:${fleetPort}`],
    labels: { __metrics_path__: `/${index}/metrics`, instance: `replica-${index}` },
  }));
  const config = {
    global: { scrape_interval: `${SCRAPE}s`, scrape_timeout: `${SCRAPE}s`, evaluation_interval: '60s' },
    rule_files: ['rules.yml'],
    scrape_configs: [{ job_name: 'fleet', static_configs: replicas, metric_relabel_configs: READ }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  const url = `http://127.0.0.1:${port}`;
  const args = ['--config.file', join(folder, 'prometheus.yml'), '--storage.tsdb.path', join(folder, 'data')];
  const running = await start(pathOf('prometheus3'), [...args, `--web.listen-address=127.0.0.1:${port}`], {
    ready: `${url}/-/ready`,
  });
  const number = async (expr) => {
    const answer = await (await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`)).json();
    if (answer.status !== 'success') throw new Void(`${expr}: ${answer.error}`);
    return Number(answer.data.result[0]?.value[1] ?? 0);
  };
  return {
    number,
    /** What it says of itself. */
    async sizes() {
      const text = await (await fetch(`${url}/metrics`)).text();
      const values = (name) => [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))];
      const [[, , series]] = values('prometheus_tsdb_head_series');
      const [[, , memory]] = values('process_resident_memory_bytes');
      const groups = values('prometheus_rule_group_last_duration_seconds').map(([, labels, seconds]) => [
        `time of the rules "${/;(.*)"/.exec(labels)[1]}", s`,
        Number(seconds).toFixed(2),
      ]);
      return [
        ['series', Number(series)],
        ['memory, MB', (Number(memory) / 1e6).toFixed(0)],
        [
          'rules that failed',
          values('prometheus_rule_evaluation_failures_total').reduce((sum, [, , n]) => sum + Number(n), 0),
        ],
        ...groups,
      ];
    },
    /** Why a process could not be scraped, if one could not. */
    async failedScrape() {
      const { data } = await (await fetch(`${url}/api/v1/targets`)).json();
      return data.activeTargets.find(({ lastError }) => lastError !== '')?.lastError;
    },
    async dearestRules() {
      const { data } = await (await fetch(`${url}/api/v1/rules`)).json();
      const rules = data.groups.flatMap(({ rules }) => rules);
      rules.sort((a, b) => b.evaluationTime - a.evaluationTime);
      return rules.slice(0, 8).map(({ name, evaluationTime }) => [name, evaluationTime.toFixed(2)]);
    },
    async stop() {
      await running.stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function until(prometheus, reached) {
  const end = Date.now() + 30 * 60_000;
  while (!(await reached())) {
    const failed = await prometheus.failedScrape();
    if (failed) throw new Void(`Prometheus could not scrape a process: ${failed}. A longer --scrape gives more time.`);
    if (Date.now() > end) throw new Void('the money did not arrive within half an hour');
    await sleep(5000);
  }
}

function heapUsed() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
