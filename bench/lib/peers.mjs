/**
 * The others, set up as their documentation says, on the app's providers, without prompt text, as we are. `projects` are
 * the ones that they support: elsewhere they produce nothing, or break the app.
 */
import { dirname, join } from 'node:path';

const SPANS = ['spans'];
const SPANS_AND_POINTS = ['spans', 'points'];

export const PEERS = {
  '@opentelemetry/instrumentation-openai': {
    projects: ['openai-6'],
    emits: SPANS_AND_POINTS,
    start(require, { tracerProvider, meterProvider }) {
      const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
      const instrumentation = new OpenAIInstrumentation({ captureMessageContent: false });
      instrumentation.setTracerProvider(tracerProvider);
      instrumentation.setMeterProvider(meterProvider);
      return {};
    },
  },
  '@traceloop/instrumentation-openai': traceloop('openai', 'OpenAIInstrumentation', ['openai-6']),
  '@traceloop/instrumentation-anthropic': traceloop('anthropic', 'AnthropicInstrumentation', ['anthropic-0']),
  '@traceloop/instrumentation-google-generativeai': traceloop('google-generativeai', 'GenAIInstrumentation', [
    'google-genai-1',
  ]),
  '@traceloop/instrumentation-langchain': traceloop(
    'langchain',
    'LangChainInstrumentation',
    ['langchain-1'],
    (require) => [{ callbackManagerModule: require('@langchain/core/callbacks/manager') }],
  ),
  'openlit (openai)': openlit('openai', ['openai-6']),
  'openlit (anthropic)': openlit('anthropic', ['anthropic-0', 'anthropic-1']),
  'openlit (langchain)': openlit('langchain', ['langchain-1'], (require) => [
    require('@langchain/core/callbacks/manager'),
  ]),
  "the SDK's own tracing": { projects: ['anthropic-1'], emits: SPANS, start: () => ({ native: true }) },
  '@ai-sdk/otel': {
    projects: ['ai-7'],
    emits: SPANS_AND_POINTS,
    start(require) {
      const { OpenTelemetry } = require('@ai-sdk/otel');
      require('ai').registerTelemetry(new OpenTelemetry());
      return {};
    },
  },
};

/** Patches what is required later, or by hand where `targets` says so. */
function traceloop(name, exported, projects, targets) {
  return {
    projects,
    emits: SPANS,
    start(require, { tracerProvider }) {
      const { [exported]: Instrumentation } = require(`@traceloop/instrumentation-${name}`);
      const instrumentation = new Instrumentation({ traceContent: false });
      instrumentation.setTracerProvider(tracerProvider);
      if (targets) instrumentation.manuallyInstrument(...targets(require));
      return {};
    },
  };
}

/**
 * openlit's `init` insists on exporters of its own. Its parts are put together here as `init` does it, on the app's
 * providers, with a price for the model and without its events.
 */
function openlit(name, projects, targets) {
  return {
    projects,
    emits: SPANS_AND_POINTS,
    start(require, { tracerProvider, meterProvider }) {
      const part = (file) => require(join(dirname(require.resolve('openlit')), file)).default;
      const Config = part('config.js');
      Config.updateConfig({ tracer: tracerProvider, captureMessageContent: false, disableEvents: true });
      Config.pricingInfo = {
        chat: {
          'gpt-4o-mini': { promptPrice: 0.00015, completionPrice: 0.0006 },
          'claude-sonnet-5-5': { promptPrice: 0.002, completionPrice: 0.01 },
        },
      };
      part('otel/metrics.js').setup({ meter: meterProvider.getMeter('openlit') });
      const Instrumentation = part(`instrumentation/${name}/index.js`);
      const instrumentation = new Instrumentation();
      instrumentation.setTracerProvider(tracerProvider);
      if (targets) instrumentation.manualPatch(...targets(require));
      return {};
    },
  };
}
