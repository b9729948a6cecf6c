/** Who is measured. `start(require, telemetry)` sets up in a fresh process, before the SDK is loaded. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFloor } from './floor.mjs';
import { requireOurs } from './projects.mjs';

/**
 * `emits`: what a row must show to count. `call`, if given, stands for the plain call of the method.
 * Peers are set up as their documentation says, on the app's providers, and keep no prompt text, as we do not.
 */
export const CONTENDERS = {
  none: { emits: [], start: () => ({}) },
  nothing: { emits: [], start: () => ({}) },
  floor: { emits: ['spans', 'points'], start: (require) => ({ call: createFloor(require) }) },
  tokenmeter: { emits: ['spans', 'points'], start: () => startOurs({ ledger: false }) },
  'tokenmeter + ledger': { emits: ['spans', 'points'], start: () => startOurs({ ledger: true }) },
  '@opentelemetry/instrumentation-openai': {
    emits: ['spans', 'points'],
    start(require, { tracerProvider, meterProvider }) {
      const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
      const instrumentation = new OpenAIInstrumentation({ captureMessageContent: false });
      instrumentation.setTracerProvider(tracerProvider);
      instrumentation.setMeterProvider(meterProvider);
      return {};
    },
  },
  '@traceloop/instrumentation-openai': {
    emits: ['spans'],
    start(require) {
      const { OpenAIInstrumentation } = require('@traceloop/instrumentation-openai');
      new OpenAIInstrumentation({ traceContent: false });
      return {};
    },
  },
  openlit: { emits: ['spans', 'points'], start: startOpenlit },
};

/**
 * openlit's `init` insists on exporters of its own. Its parts are put together here as `init` does it, on the app's
 * providers, with a price for the model and without its events.
 */
function startOpenlit(require, { tracerProvider, meterProvider }) {
  const part = (name) => {
    const loaded = require(join(dirname(require.resolve('openlit')), name));
    return loaded.default;
  };
  const Config = part('config.js');
  Config.updateConfig({ tracer: tracerProvider, captureMessageContent: false, disableEvents: true });
  Config.pricingInfo = { chat: { 'gpt-4o-mini': { promptPrice: 0.00015, completionPrice: 0.0006 } } };
  part('otel/metrics.js').setup({ meter: meterProvider.getMeter('openlit') });
  const Instrumentation = part('instrumentation/openai/index.js');
  new Instrumentation().setTracerProvider(tracerProvider);
  return {};
}

function startOurs({ ledger }) {
  const { configureAttribution, configureRuntime, createMetrics, instrument, withFeature } =
    requireOurs('@tokenmeter/instrumentation');
  const { createPricer } = requireOurs('@tokenmeter/pricing');
  const metrics = createMetrics();
  const store = ledger ? openLedger() : undefined;
  configureAttribution({ env: {} });
  configureRuntime({
    sinks: store ? [metrics.sink, store.sink] : [metrics.sink],
    pricer: createPricer(),
    generations: ['stable'],
    metered: () => true,
  });
  return {
    loaded: ({ OpenAI }) => instrument(OpenAI),
    call: (client, params) => withFeature('bench', () => client.chat.completions.create(params)),
    stop: () => store?.close(),
  };
}

function openLedger() {
  const { createLedgerWriter } = requireOurs('@tokenmeter/ledger');
  const dir = mkdtempSync(join(tmpdir(), 'tokenmeter-bench-'));
  const writer = createLedgerWriter({ dir, resource: { 'service.name': 'bench' }, instance: 'bench' });
  return {
    sink: (record) => writer.write(record),
    close() {
      writer.close();
      rmSync(dir, { recursive: true });
    },
  };
}
