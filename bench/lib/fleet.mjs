/**
 * Replicas of a service in one process: each has the real table of counters, a MeterProvider and an exporter for Prometheus
 * of its own, and answers at `/<replica>/metrics`. An answer is kept until the replica is called again: one process would
 * else write the texts of all of them at every scrape, and be what is measured.
 */
import { createServer } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { buildMetrics } from '../../packages/instrumentation/src/telemetry/metrics.ts';

/** What a call of each kind leaves behind: input, cached input, output, reasoning. */
const USAGE = { input: 1000, cacheRead: 400, output: 200, reasoning: 50 };
const PICO_PER_CALL = 5_000_000_000n;

export async function startFleet(replicas) {
  const fleet = Array.from({ length: replicas }, (_, index) => startReplica(index));
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(await fleet[Number(request.url.split('/')[1])].answer());
  });
  server.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  return {
    port: server.address().port,
    /** One call of each pair of a feature and a model, in each replica. */
    async call(pairs) {
      for (const replica of fleet) {
        replica.call(pairs);
        await turn();
      }
    },
    /** What the first replica offers, written anew. */
    async scrape() {
      const before = process.cpuUsage();
      const text = await fleet[0].write();
      const { user, system } = process.cpuUsage(before);
      return {
        series: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
        ...{ bytes: text.length, cpuMs: (user + system) / 1000 },
      };
    },
    usdPerCall: Number(PICO_PER_CALL) / 1e12,
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function startReplica(index) {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'scale', 'service.instance.id': `replica-${index}` }),
    readers: [exporter],
  });
  const { sink } = buildMetrics({});
  const serializer = new PrometheusSerializer();
  let answer;
  const write = async () => serializer.serialize((await exporter.collect()).resourceMetrics);
  return {
    write,
    answer: () => {
      answer ??= write().then((text) => Buffer.from(text));
      return answer;
    },
    call(pairs) {
      answer = undefined;
      // The table joins whatever provider is registered when it is told of a call.
      metrics.disable();
      metrics.setGlobalMeterProvider(provider);
      for (const [feature, model] of pairs) sink(recordOf(feature, model));
    },
  };
}

function recordOf(feature, model) {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: '00f067aa0ba902b7',
    ...{ operation: 'chat', provider: 'openai', requestModel: model, responseModel: model },
    ...{ serverAddress: 'api.openai.com', serverPort: 443, stream: false },
    ...{ startTime: Date.now(), duration: 900, outcome: 'completed', attempts: 1 },
    attribution: { feature, team: `team-${feature.slice(-1)}`, environment: 'production' },
    ...{ usage: USAGE, usageSource: 'provider' },
    cost: {
      status: 'priced',
      pico: PICO_PER_CALL,
      usd: Number(PICO_PER_CALL) / 1e12,
      cacheSavingsPico: 1_000_000_000n,
      version: 'scale',
      flags: [],
    },
    attributes: {},
  };
}
