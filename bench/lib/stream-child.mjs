/** Reads bare async iterators of 500 chunks in one way, and prints the CPU per stream. Usage: stream-child.mjs <reader> <n> */
import { setImmediate as turn } from 'node:timers/promises';
import { ANSWER, createClient, PARAMS } from './chat.mjs';
import { requireFrom, requireOurs } from './projects.mjs';

const CHUNKS = 500;
const WARM_UP = 1000;
const [reader, count] = process.argv.slice(2);
const streams = Number(count);
const require = requireFrom('openai-7');
const openai = require('openai');
const { Stream } = require('openai/streaming');
const { APIPromise } = require('openai/api-promise');

const frame = { ...ANSWER, object: 'chat.completion.chunk', usage: null };
const content = { ...frame, choices: [{ index: 0, delta: { content: ' word' }, logprobs: null, finish_reason: null }] };
const usage = { ...frame, choices: [], usage: ANSWER.usage };
/** The app asked for usage itself, so that no reader hides a chunk. */
const params = { ...PARAMS, stream: true, stream_options: { include_usage: true } };

let pulled = 0;
let records = 0;
const makeChunk = (index) => (index === CHUNKS - 1 ? usage : content);

/** No generator, no socket: an iterator that answers at once. `make` gives the chunk of a place. */
function bareIterator(make) {
  let index = 0;
  return {
    next() {
      if (index === CHUNKS) return Promise.resolve({ done: true, value: undefined });
      pulled += 1;
      return Promise.resolve({ done: false, value: make(index++) });
    },
    return: () => Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const READERS = {
  bare: (make) => bareIterator(make),
  /** The least that any observer does: it looks at each result in place. */
  counting(make) {
    const iterator = bareIterator(make);
    const next = iterator.next.bind(iterator);
    const seen = { chunks: 0 };
    iterator.next = () =>
      next().then((result) => {
        if (!result.done) seen.chunks += 1;
        return result;
      });
    return iterator;
  },
  /** As an app has it: the SDK's own method returns the SDK's own Stream, here over the bare iterator. */
  tokenmeter: (make) => create(make),
};

let create;
if (reader === 'tokenmeter') {
  const { configureAttribution, configureRuntime, instrument } = requireOurs('@tokenmeter/instrumentation');
  const { createPricer } = requireOurs('@tokenmeter/pricing');
  let source;
  openai.OpenAI.Chat.Completions.prototype.create = function () {
    const stream = new Stream(() => bareIterator(source), new AbortController());
    return new APIPromise(this._client, Promise.resolve({}), () => stream);
  };
  configureAttribution({ env: { TOKENMETER_FEATURE: 'bench' } });
  configureRuntime({ sinks: [() => (records += 1)], pricer: createPricer() });
  instrument(openai.OpenAI);
  const client = createClient(require);
  create = (make) => {
    source = make;
    return client.chat.completions.create(params);
  };
}

async function read(make = makeChunk) {
  let received = 0;
  for await (const _ of await READERS[reader](make)) received += 1;
  if (received !== CHUNKS) throw new Error(`${received} of ${CHUNKS} chunks arrived.`);
}

/** An app with OpenTelemetry handles its requests in its context: every promise then costs its hook, whoever reads. */
const { context, ROOT_CONTEXT } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const request = ROOT_CONTEXT.setValue(Symbol('request'), true);

const { user, system } = await context.with(request, async () => {
  for (let index = 0; index < WARM_UP; index++) await read();
  await turn();
  const before = process.cpuUsage();
  for (let index = 0; index < streams; index++) await read();
  return process.cpuUsage(before);
});
const counted = records - WARM_UP;

console.log(
  JSON.stringify({
    ...{
      microseconds: (user + system) / streams,
      chunks: CHUNKS,
      streams,
      records: reader === 'tokenmeter' ? counted : 0,
    },
    ...{ ahead: await readAhead(), held: await heldChunks() },
  }),
);
process.exit();

/** How far the source was ever ahead of the app, while the app dawdles. */
async function readAhead() {
  let received = 0;
  let ahead = 0;
  pulled = 0;
  for await (const _ of await READERS[reader](makeChunk)) {
    received += 1;
    if (received % 100 === 0) await turn();
    ahead = Math.max(ahead, pulled - received);
  }
  return ahead;
}

/** How many of the chunks that the app has dropped are alive when it has read nearly all. */
async function heldChunks() {
  const given = [];
  const make = (index) => {
    const chunk = structuredClone(makeChunk(index));
    given.push(new WeakRef(chunk));
    return chunk;
  };
  let received = 0;
  for await (const _ of await READERS[reader](make)) {
    received += 1;
    if (received !== CHUNKS - 1) continue;
    await turn();
    globalThis.gc();
    await turn();
    return given.slice(0, -1).filter((reference) => reference.deref() !== undefined).length;
  }
  return 0;
}
