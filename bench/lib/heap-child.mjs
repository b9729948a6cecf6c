/** Makes calls of one kind and prints how large the heap was in between. Usage: heap-child.mjs <project> <name> <kind> <calls> <samples> */
import { setImmediate as turn } from 'node:timers/promises';
import { ANSWER, PARAMS } from './chat.mjs';
import { CONTENDERS } from './contenders.mjs';
import { requireFrom } from './projects.mjs';
import { startTelemetry } from './telemetry.mjs';

const [project, name, kind, calls, samples] = process.argv.slice(2);
const require = requireFrom(project);
const telemetry = startTelemetry(require);
CONTENDERS[name].start(require, telemetry);

const json = JSON.stringify(ANSWER);
const chunk = JSON.stringify({ ...ANSWER, choices: [{ index: 0, delta: { content: 'Paris' } }], usage: null });
const RESPONSES = {
  json: () => new Response(json, { headers: { 'content-type': 'application/json' } }),
  stream: () =>
    new Response(`data: ${chunk}\n\n`.repeat(5).concat('data: [DONE]\n\n'), {
      headers: { 'content-type': 'text/event-stream' },
    }),
  refusal: () => new Response('{"error":{"message":"no"}}', { status: 401 }),
};

/** What is answered, and what the app does with a call. */
const KINDS = {
  answers: ['json', (create) => create(PARAMS)],
  streams: [
    'stream',
    async (create) => {
      for await (const _ of await create({ ...PARAMS, stream: true }));
    },
  ],
  'streams left early': [
    'stream',
    async (create) => {
      for await (const _ of await create({ ...PARAMS, stream: true })) break;
    },
  ],
  failures: ['refusal', (create) => create(PARAMS).catch(() => {})],
  'answers nobody reads': ['json', async (create) => void create(PARAMS)],
};

const [response, use] = KINDS[kind];
const { OpenAI } = require('openai');
const client = new OpenAI({ apiKey: 'none', fetch: async () => RESPONSES[response](), maxRetries: 0 });
const create = (params) => client.chat.completions.create(params);

/** Most caches that fill once are full then. */
const WARM_UP = 5000;
const perSample = Number(calls) / Number(samples);
await run(WARM_UP);
const bytes = [await settledHeap()];
for (let sample = 0; sample < Number(samples); sample++) {
  await run(perSample);
  bytes.push(await settledHeap());
}
const { spans } = await telemetry.read();
console.log(JSON.stringify({ bytes, spans }));
process.exit();

async function run(count) {
  for (let index = 0; index < count; index++) {
    await use(create);
    if (index % 50 === 0) await turn();
  }
}

/** Finalizers run in turns of their own after a collection, and what they free goes with the next one. */
async function settledHeap() {
  for (let index = 0; index < 6; index++) {
    globalThis.gc();
    await turn();
    await telemetry.flushSpans();
  }
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
