/** An app in CommonJS that makes one call, and prints when it was answered. Usage: load-child.cjs joined|sdk-node|plain */
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [app] = process.argv.slice(2);
// The working directory is the project whose packages the app uses.
const load = createRequire(join(process.cwd(), 'package.json'));

if (app === 'sdk-node') {
  const { NodeSDK } = load('@opentelemetry/sdk-node');
  new NodeSDK().start();
}
if (app === 'joined') {
  const { context, metrics, trace } = load('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = load('@opentelemetry/context-async-hooks');
  const { TracerProvider } = load('@opentelemetry/sdk-trace');
  const { MeterProvider } = load('@opentelemetry/sdk-metrics');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [] }));
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [] }));
}

const { OpenAI } = load('openai');
const { trace } = load('@opentelemetry/api');
const body = JSON.stringify({
  ...{ id: 'chatcmpl-1', object: 'chat.completion', model: 'gpt-4o-mini-2024-07-18' },
  ...{ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
});
let traced = false;
const client = new OpenAI({
  apiKey: 'none',
  fetch: async () => {
    traced = trace.getActiveSpan() !== undefined;
    return new Response(body, { headers: { 'content-type': 'application/json' } });
  },
});

client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }).then(() => {
  const { user, system } = process.cpuUsage();
  // Milliseconds since the process started.
  process.stdout.write(`${JSON.stringify({ wall: performance.now(), cpu: (user + system) / 1000, traced })}\n`, () =>
    process.kill(process.pid, 'SIGKILL'),
  );
});
