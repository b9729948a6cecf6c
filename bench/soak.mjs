/**
 * 200,000 mixed calls of three SDKs over HTTP, with everything on: spans, metrics, ledger. Usage:
 * npm run bench -- soak [--soak-calls=200000]
 *
 * One call in ten is an error, one in ten a broken stream, one in twenty an answer that nobody reads. After each batch every
 * call is compared with the fake provider's own list, by an id that travels in a header and in the attribution. Nothing
 * here is a matter of speed, so a goal that is missed ends the process with 1.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { ownPrice } from './lib/own-prices.mjs';
import { goal, option, progress, table } from './lib/print.mjs';
import { pathOf, requireOurs, requireSdk } from './lib/projects.mjs';
import { callOf } from './lib/soak-calls.mjs';

const CALLS = option('soak-calls', 200_000);
const BATCH = Math.min(5_000, CALLS / 2);
const AT_ONCE = 32;
const MOST_KEPT_MB = 5;

const spans = { started: 0, ended: 0 };
const { metricExporter, reader } = startOtel();
const { endings, ledger } = startOurs();

const child = fork(pathOf('bench/lib/soak-provider.mjs'), [String(BATCH)]);
const [urls] = await once(child, 'message');
const clients = openClients(urls);
let unhandled = 0;
process.on('unhandledRejection', () => unhandled++);

const seen = { made: 0, served: 0, recorded: 0, lost: 0, doubled: 0, attempts: 0, ids: 0, whole: 0, ours: 0n, own: 0n };
const statuses = {};
let warm;
for (let first = 0; first < CALLS; first += BATCH) {
  await makeCalls(first, Math.min(BATCH, CALLS - first));
  compare(await settled());
  warm ??= process.memoryUsage().heapUsed;
  progress(`${first + BATCH} of ${CALLS}`);
}
progress('');
const kept = (process.memoryUsage().heapUsed - warm) / 1e6;
child.disconnect();
await report();

function startOtel() {
  const { context, metrics, trace } = requireOurs('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = requireOurs('@opentelemetry/context-async-hooks');
  const { TracerProvider } = requireOurs('@opentelemetry/sdk-trace');
  const sdk = requireOurs('@opentelemetry/sdk-metrics');
  const counter = {
    onStart: () => spans.started++,
    onEnd: () => spans.ended++,
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [counter] }));
  const metricExporter = new sdk.InMemoryMetricExporter(sdk.AggregationTemporality.CUMULATIVE);
  const reader = new sdk.PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 });
  metrics.setGlobalMeterProvider(new sdk.MeterProvider({ readers: [reader] }));
  return { metricExporter, reader };
}

function startOurs() {
  const { configureAttribution, configureRuntime, createMetrics } = requireOurs('@tokenmeter/instrumentation');
  const { createLedgerWriter } = requireOurs('@tokenmeter/ledger');
  const dir = mkdtempSync(join(tmpdir(), 'tokenmeter-soak-'));
  const writer = createLedgerWriter({ dir, resource: { 'service.name': 'soak' } });
  const endings = [];
  configureAttribution({ env: {} });
  configureRuntime({
    sinks: [
      createMetrics().sink,
      (record) => writer.write(record),
      ({ attribution, outcome, cost, attempts, responseId }) =>
        endings.push({ id: attribution.user, kind: attribution.feature, outcome, cost, attempts, responseId }),
    ],
    metered: () => true,
  });
  return { endings, ledger: { dir, writer } };
}

function openClients({ openai, anthropic, gemini }) {
  const { instrument } = requireOurs('@tokenmeter/instrumentation');
  const load = (folder, name) => {
    const loaded = requireSdk(folder)(name);
    instrument(loaded);
    return loaded;
  };
  const { OpenAI } = load('openai-7', 'openai');
  const { Anthropic } = load('anthropic-1', '@anthropic-ai/sdk');
  const { GoogleGenAI } = load('google-genai-3', '@google/genai');
  return {
    openai: new OpenAI({ apiKey: 'none', baseURL: openai, logLevel: 'off' }),
    anthropic: new Anthropic({ apiKey: 'none', baseURL: anthropic, logLevel: 'off' }),
    google: new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: gemini } }),
  };
}

async function makeCalls(first, count) {
  const { withAttribution } = requireOurs('@tokenmeter/instrumentation');
  let next = first;
  const work = async () => {
    while (next < first + count) {
      const n = next++;
      const { kind, make } = callOf(n);
      seen.made++;
      const whole = await withAttribution({ feature: kind, user: String(n) }, () => make(clients));
      if (whole) seen.whole++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Collects garbage until all calls have ended, at most a minute; the provider's rows. */
async function settled() {
  const { openCallCount } = requireOurs('@tokenmeter/instrumentation');
  let rows;
  child.once('message', (message) => {
    rows = message;
  });
  child.send('take');
  for (let waited = 0; waited < 60_000 && !(rows && openCallCount() === 0); waited += 20) {
    globalThis.gc();
    await sleep(20);
  }
  if (!rows) throw new Error('The fake provider still has open requests after a minute.');
  // Finalizers run in turns of their own, and what they free goes with the next collection.
  for (let index = 0; index < 5; index++) {
    await turn();
    globalThis.gc();
  }
  return rows;
}

/** Compares the endings of a batch with the provider's rows, call by call, and forgets both. */
function compare(rows) {
  const served = new Map();
  for (const row of rows) {
    const call = served.get(row.id);
    served.set(row.id, { ...row, attempts: (call?.attempts ?? 0) + 1 });
  }
  const recorded = new Set();
  for (const { id, kind, outcome, cost, attempts, responseId } of endings) {
    if (recorded.has(id) || !served.has(id)) seen.doubled++;
    recorded.add(id);
    const call = served.get(id);
    if (attempts !== undefined && attempts !== call?.attempts) seen.attempts++;
    if (outcome === 'completed') {
      if (call?.outcome !== 'completed' || call.responseId !== responseId) seen.ids++;
      seen.ours += cost.pico;
      if (call?.usage) seen.own += ownPrice(call);
    }
    const key = `${kind}: ${outcome}, ${cost.status}`;
    statuses[key] = (statuses[key] ?? 0) + 1;
  }
  seen.served += served.size;
  seen.recorded += endings.length;
  for (const id of served.keys()) if (!recorded.has(id)) seen.lost++;
  endings.length = 0;
}

async function report() {
  const metered = await readMetrics();
  const written = await readLedger();
  const count = (kind, ...allowed) =>
    Object.entries(statuses).reduce(
      (sum, [key, calls]) =>
        key.startsWith(`${kind}:`) && !allowed.some((one) => key.endsWith(one)) ? sum + calls : sum,
      0,
    );
  const { openCallCount } = requireOurs('@tokenmeter/instrumentation');
  const goals = [
    ['calls recorded, of those the provider served', seen.recorded, seen.served],
    ['calls made, of those the provider served', seen.made, seen.served],
    ['calls lost', seen.lost, 0],
    ['calls doubled', seen.doubled, 0],
    ['calls whose attempts differ', seen.attempts, 0],
    ['calls in the ledger', written.calls, seen.served],
    ['calls in the metrics', metered.calls, seen.served],
    ['calls open', openCallCount(), 0],
    ['spans open', spans.started - spans.ended, 0],
    ['spans', spans.started, seen.served],
    ['answers that arrived whole, and calls completed', count('whole') + count('retried'), seen.whole],
    ['completed calls with another answer than the provider sent', seen.ids, 0],
    ['pico-USD of the completed calls, and of their bodies', seen.ours, seen.own],
    ['whole calls not completed and priced', count('whole', 'completed, priced') + count('retried', 'd, priced'), 0],
    ['refused calls not free', count('refused', 'failed, free'), 0],
    ['failed calls not of unknown usage', count('failed', 'failed, usage_unknown'), 0],
    ['broken streams that are priced', count('broken', 'estimated', 'usage_unknown'), 0],
    ['unread answers that are priced', count('unread', 'estimated', 'usage_unknown'), 0],
    ['rejections that nobody handled', unhandled, 0],
  ];
  const rows = goals.map(([goal, found, expected]) => [goal, found, expected, found === expected ? 'PASS' : 'MISS']);
  rows.push(['MB of heap kept', kept.toFixed(2), `< ${MOST_KEPT_MB}`, kept < MOST_KEPT_MB ? 'PASS' : 'MISS']);
  console.log(`${CALLS} calls, Node ${process.versions.node}\n`);
  table(['what', 'found', 'expected', ''], rows);
  console.log();
  table(['kind: outcome, cost status', 'calls'], Object.entries(statuses).sort());
  console.log();
  const missed = rows.filter((row) => row.at(-1) === 'MISS').map(([what]) => what);
  goal(`${rows.length} checks of ${CALLS} calls${missed.map((what) => `; ${what}`).join('')}`, missed.length === 0);
  if (missed.length > 0) process.exitCode = 1;
}

async function readMetrics() {
  await reader.forceFlush();
  const all = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  const points = all.filter(({ descriptor }) => descriptor.name === 'tokenmeter.calls').at(-1)?.dataPoints ?? [];
  return { calls: points.reduce((sum, { value }) => sum + value, 0) };
}

async function readLedger() {
  const { readCalls } = requireOurs('@tokenmeter/ledger');
  ledger.writer.close();
  let calls = 0;
  for await (const _ of readCalls({ dir: ledger.dir })) calls++;
  rmSync(ledger.dir, { recursive: true });
  return { calls };
}
