/** An app's own OpenTelemetry: real providers, always-on sampling, exporters that count and drop. */

export function startTelemetry(require) {
  const { context, metrics, trace } = require('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
  const { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace');
  const sdkMetrics = require('@opentelemetry/sdk-metrics');

  let spans = 0;
  let lastSpan;
  const spanExporter = {
    export(batch, done) {
      spans += batch.length;
      lastSpan = batch.at(-1);
      done({ code: 0 });
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  // The queue is longer than any run between two turns of the event loop: no span is dropped.
  const processor = new BatchSpanProcessor({ exporter: spanExporter, maxQueueSize: 100_000, maxExportBatchSize: 512 });
  const tracerProvider = new TracerProvider({ sampler: new AlwaysOnSampler(), spanProcessors: [processor] });

  const metricExporter = new sdkMetrics.InMemoryMetricExporter(sdkMetrics.AggregationTemporality.CUMULATIVE);
  const reader = new sdkMetrics.PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  });
  const meterProvider = new sdkMetrics.MeterProvider({ readers: [reader] });

  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);

  return {
    tracerProvider,
    meterProvider,
    /** Runs `fn` as a handler runs under the HTTP instrumentation: with the server's span active, so that promises carry it. */
    inRequest(fn) {
      const server = trace.getTracer('app').startSpan('POST /ask');
      return context.with(trace.setSpan(context.active(), server), fn);
    },
    flushSpans: () => processor.forceFlush(),
    /** Reads everything once. Points are counted by measurement: a histogram's count, or a sum's data point. */
    async read() {
      await processor.forceFlush();
      await reader.forceFlush();
      const produced = metricExporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((scope) => scope.metrics)
        .filter(({ dataPoints }) => dataPoints.length > 0);
      return {
        spans,
        points: produced.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0),
        spanName: lastSpan?.name,
        spanAttributes: Object.keys(lastSpan?.attributes ?? {}).sort(),
        metrics: produced.map(shapeOf).sort(),
      };
    },
  };
}

/** Name, and per data point the attribute keys and what it holds. */
function shapeOf({ descriptor, dataPoints }) {
  const points = dataPoints.map(({ attributes, value }) => {
    const held = typeof value === 'number' ? 'sum' : `count ${value.count}`;
    return `{${Object.keys(attributes).sort()}} ${held}`;
  });
  return `${descriptor.name} ${points.sort().join(' ')}`;
}
