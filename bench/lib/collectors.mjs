/** The real collector with the generated pipeline of spans, or a part of it, and the CPU that it uses. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_MODEL, generateFiles } from '@tokenmeter/monitoring';
import { parse, stringify } from 'yaml';
import { freePorts, start } from '../../e2e/lib/process.ts';
import { pathOf } from '../../e2e/programs/table.ts';
import { Void } from './print.mjs';

/** `/proc` counts ticks of 10 ms. */
const TICK_US = 10_000;

/** Takes spans and makes nothing of them. */
const NOTHING = { name: 'none', conditions: ['span.name == "none"'], sum: { value: '1', monotonic: true } };

/**
 * Starts a collector with the generated pipeline, `without` some of its processors. It ends in the metrics of the priced
 * spans, or in nothing where `counted` is not given.
 *
 * - `work(body, count, spans)`: sends a body of `spans` spans `count` times, and gives the CPU per span, µs.
 * - `check()`: throws Void where another number of calls was counted than `counted` says: all, or none.
 */
export async function startPipeline({ without, counted }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-collector-'));
  const [otlp, prometheus, telemetry, health] = await freePorts(4);
  const file = join(folder, 'config.yaml');
  writeFileSync(
    file,
    stringify(configOf(without, counted === undefined ? 'signal_to_metrics/none' : 'signal_to_metrics')),
  );
  const running = await start(pathOf('otelcol'), ['--config', file], {
    cwd: folder,
    ready: `http://127.0.0.1:${health}/`,
    env: {
      OTLP_GRPC_ENDPOINT: '127.0.0.1:0',
      OTLP_HTTP_ENDPOINT: `127.0.0.1:${otlp}`,
      PROMETHEUS_ENDPOINT: `127.0.0.1:${prometheus}`,
      TELEMETRY_PORT: String(telemetry),
      HEALTH_ENDPOINT: `127.0.0.1:${health}`,
    },
  });
  const used = () => cpuOf(running.child.pid);
  let sent = 0;
  return {
    async work(body, count, spans) {
      const before = used();
      for (let request = 0; request < count; request += 1) await send(`http://127.0.0.1:${otlp}/v1/traces`, body);
      sent += count * spans;
      await settled(used);
      return ((used() - before) * TICK_US) / (count * spans);
    },
    async check() {
      const metrics = await (await fetch(`http://127.0.0.1:${prometheus}/metrics`)).text();
      const calls = [...metrics.matchAll(/^tokenmeter_calls_total\{.*\} (\S+)$/gm)].map(([, value]) => Number(value));
      const sum = calls.reduce((one, other) => one + other, 0);
      const expected = counted === true ? sent : 0;
      if (sum !== expected) throw new Void(`${sum} calls were counted, and not ${expected}`);
    },
    async stop() {
      await running.stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(without, end) {
  const config = parse(generateFiles(DEFAULT_MODEL).get('collector-config.yaml'));
  const processors = config.service.pipelines['traces/in'].processors.filter((name) => !without.includes(name));
  config.connectors['signal_to_metrics/none'] = { spans: [NOTHING] };
  config.service.extensions = ['health_check'];
  config.service.pipelines = {
    traces: { receivers: ['otlp'], processors, exporters: [end] },
    metrics: { receivers: [end], processors: ['delta_to_cumulative'], exporters: ['prometheus'] },
  };
  return config;
}

async function send(url, body) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body });
  await response.arrayBuffer();
  if (!response.ok) throw new Void(`the collector refused spans: ${response.status}`);
}

/** User and system time of a process in ticks. The name of the command, in parentheses, may hold blanks. */
function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Waits until the process has worked off what it has: `batch` holds spans for a second at most. */
async function settled(used) {
  await sleep(1200);
  for (let before = -1; before !== used(); ) {
    before = used();
    await sleep(300);
  }
}
