/** Messages that arrive as a stream. */
import { eventFetch } from '../memory-fetch.mjs';
import { watchers } from '../watched.mjs';
import { MODEL, message, streamed } from './params.mjs';

const needs = ['messages.create'];

const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const EVENTS = [
  event({
    type: 'message_start',
    message: {
      id: 'msg_memory1',
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 1 },
    },
  }),
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ...['Hel', 'lo'].map((text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
  event({ type: 'content_block_stop', index: 0 }),
  event({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 3 },
  }),
  event({ type: 'message_stop' }),
];

const helper = (name, path, start) => [
  {
    name: `${name} stream helper`,
    needs: [`${path}.stream`],
    async run({ client, log, outcome }) {
      const stream = start(client)(message());
      log('class', stream.constructor.name);
      for (const kind of [
        'connect',
        'streamEvent',
        'text',
        'message',
        'contentBlock',
        'finalMessage',
        'error',
        'abort',
        'end',
      ])
        stream.on(kind, (...values) => log(kind, values));
      await outcome('finalMessage', stream.finalMessage());
      await outcome('finalText', stream.finalText());
      await outcome('done', stream.done());
    },
  },
  {
    name: `${name} stream helper, iterated`,
    needs: [`${path}.stream`],
    async run({ client, items, outcome }) {
      const stream = start(client)(message());
      await items('event', stream);
      await outcome('finalMessage', stream.finalMessage());
    },
  },
  {
    name: `${name} stream helper, aborted`,
    needs: [`${path}.stream`],
    async run({ client, log, outcome, hold }) {
      const stream = start(client)(message(), hold(3));
      let events = 0;
      stream.on('abort', (error) => log('abort', error.constructor.name));
      stream.on('streamEvent', () => {
        events += 1;
        if (events === 3) stream.abort();
      });
      await outcome('finalMessage', stream.finalMessage());
      log('flags', [stream.aborted, stream.errored, stream.ended, events]);
    },
  },
  {
    name: `${name} stream helper 429`,
    needs: [`${path}.stream`],
    run: ({ client, outcome, fault }) =>
      outcome('final', start(client)(message(), fault('429; retry-after=0.005')).finalMessage()),
  },
];

export const scenarios = [
  ...helper('messages', 'messages', (client) => client.messages.stream.bind(client.messages)),
  ...helper('beta messages', 'beta.messages', (client) => client.beta.messages.stream.bind(client.beta.messages)),
  {
    name: 'messages stream',
    needs,
    async run({ client, Stream, log, items, shape }) {
      const stream = await client.messages.create(streamed());
      log('instanceof Stream', stream instanceof Stream);
      log('prototype', Object.getPrototypeOf(stream) === Stream.prototype);
      log('shape', shape(stream));
      await items('event', stream);
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'messages stream withResponse',
    needs,
    async run({ client, Stream, log, items }) {
      const { data, response, request_id } = await client.messages.create(streamed()).withResponse();
      log('data', [data instanceof Stream, response.status, response.bodyUsed, request_id]);
      await items('event', data);
    },
  },
  {
    name: 'messages stream asResponse text',
    needs,
    run: async ({ client, log }) => log('text', await (await client.messages.create(streamed()).asResponse()).text()),
  },
  {
    name: 'beta messages stream',
    needs: ['beta.messages.create'],
    run: async ({ client, items }) => items('event', await client.beta.messages.create(streamed())),
  },
  {
    name: 'messages stream break with messages that see who reads them',
    needs,
    async run({ client, log, items, hold }) {
      for (const watch of watchers) {
        const { params: messages, reads, by } = watch(streamed().messages);
        const stream = await client.messages.create(streamed({ messages }), hold(1));
        await items('event', stream, () => 'break');
        log(by, reads);
      }
    },
  },
  {
    name: 'messages stream break',
    needs,
    async run({ client, log, items, hold }) {
      const stream = await client.messages.create(streamed(), hold(3));
      await items('event', stream, (_event, count) => (count === 3 ? 'break' : undefined));
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'messages stream throw in the loop',
    needs,
    async run({ client, log, outcome, hold }) {
      const stream = await client.messages.create(streamed(), hold(1));
      await outcome('loop', async () => {
        for await (const item of stream) throw new RangeError(`the app threw at ${item.type}`);
      });
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'messages stream iterator return',
    needs,
    async run({ client, log, hold }) {
      const stream = await client.messages.create(streamed(), hold(1));
      const iterator = stream[Symbol.asyncIterator]();
      log('next', await iterator.next());
      log('return', await iterator.return('kept'));
      log('next after return', await iterator.next());
    },
  },
  {
    name: 'messages stream AbortController',
    needs,
    async run({ client, log, items, hold }) {
      const controller = new AbortController();
      const stream = await client.messages.create(streamed(), hold(3, { signal: controller.signal }));
      await items('event', stream, (_event, count) => void (count === 3 && controller.abort()));
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'messages stream tee',
    needs,
    async run({ client, items }) {
      const [left, right] = (await client.messages.create(streamed())).tee();
      await items('left', left);
      await items('right', right);
    },
  },
  {
    name: 'messages stream toReadableStream',
    needs,
    async run({ client, log }) {
      const decoder = new TextDecoder();
      let text = '';
      for await (const bytes of (await client.messages.create(streamed())).toReadableStream())
        text += decoder.decode(bytes, { stream: true });
      for (const json of text.trimEnd().split('\n')) log('line', JSON.parse(json));
    },
  },
  {
    name: 'messages stream iterated twice',
    needs,
    async run({ client, items }) {
      const stream = await client.messages.create(streamed());
      await items('first', stream);
      await items('second', stream);
    },
  },
  {
    name: 'messages stream socket dies',
    needs,
    async run({ client, log, items, fault }) {
      const stream = await client.messages.create(streamed(), fault('disconnect; after=4'));
      await items('event', stream);
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'messages stream SSE error',
    needs,
    async run({ client, log, items, fault }) {
      const stream = await client.messages.create(streamed(), fault('error-event; after=4'));
      await items('event', stream);
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'messages stream never consumed',
    needs,
    run: async ({ client, log }) => log('class', (await client.messages.create(streamed())).constructor.name),
  },
  {
    name: 'messages stream: nothing is read ahead',
    needs,
    async run({ makeClient, log }) {
      const source = eventFetch(EVENTS);
      const stream = await makeClient({ fetch: source.fetch }).messages.create(streamed());
      log('pulled before the first next', source.pulled());
      for await (const item of stream) {
        await new Promise((resolve) => setImmediate(resolve));
        log('pulled at an event', [item.type, source.pulled()]);
      }
    },
  },
  {
    name: 'messages stream: nothing is read after a break',
    needs,
    async run({ makeClient, log, sleep }) {
      const source = eventFetch(EVENTS);
      const stream = await makeClient({ fetch: source.fetch }).messages.create(streamed());
      for await (const item of stream) if (item.type === 'content_block_delta') break;
      await sleep(10);
      log('pulled', [source.pulled(), EVENTS.length]);
      log('canceled', source.canceled());
    },
  },
];
