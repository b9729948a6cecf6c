/** What the app does about OpenTelemetry before it loads its SDK. */

/** None at all. */
exports.openai = () => {};

/** Providers of its own, which others join. */
exports.joined = () => {
  const { context, metrics, trace } = require('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
  const { TracerProvider } = require('@opentelemetry/sdk-trace');
  const { MeterProvider } = require('@opentelemetry/sdk-metrics');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [] }));
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [] }));
};

/** The SDK with everything, as the environment says. */
exports['sdk-node'] = () => {
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  new NodeSDK().start();
};
