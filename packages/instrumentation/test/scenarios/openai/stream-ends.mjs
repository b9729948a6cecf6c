/** Streams of chat completions that end early, badly or never. */
import { eventFetch } from '../memory-fetch.mjs';
import { watchers } from '../watched.mjs';
import { chat, chatHelper, helperPaths, streamed } from './params.mjs';

const needs = ['chat.completions.create'];

/** Six chunks and, as for `include_usage`, a last one with the usage and no choice. */
const chunk = (delta, more = {}) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-memory1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, delta, finish_reason: null }],
    ...more,
  })}\n\n`;
const EVENTS = [
  chunk({ role: 'assistant', content: '' }),
  ...['Hel', 'lo', ', rea', 'der', '.'].map((content) => chunk({ content })),
  'data: [DONE]\n\n',
];

export const scenarios = [
  {
    name: 'chat stream break with messages that see who reads them',
    needs,
    async run({ client, log, items, hold }) {
      for (const watch of watchers) {
        const { params: messages, reads, by } = watch(streamed().messages);
        const stream = await client.chat.completions.create(streamed({ messages }), hold(3));
        await items('chunk', stream, (_chunk, count) => (count === 3 ? 'break' : undefined));
        log(by, reads);
      }
    },
  },
  {
    name: 'chat stream helper, aborted',
    needs: helperPaths('stream'),
    async run({ client, log, outcome, hold }) {
      const stream = chatHelper(client, 'stream')(chat(), hold(2));
      stream.on('abort', (error) => log('abort', error.constructor.name));
      stream.on('error', (error) => log('error', error.constructor.name));
      let chunks = 0;
      stream.on('chunk', () => {
        chunks += 1;
        if (chunks === 2) stream.abort();
      });
      await outcome('finalContent', stream.finalContent());
      log('chunks', chunks);
      log('flags', [stream.aborted, stream.errored, stream.ended]);
    },
  },
  {
    name: 'chat stream break',
    needs,
    async run({ client, log, items, hold }) {
      const stream = await client.chat.completions.create(streamed(), hold(2));
      await items('chunk', stream, (_chunk, count) => (count === 2 ? 'break' : undefined));
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'chat stream throw in the loop',
    needs,
    async run({ client, log, outcome, hold }) {
      const stream = await client.chat.completions.create(streamed(), hold(1));
      await outcome('loop', async () => {
        for await (const chunk of stream) {
          log('chunk', chunk);
          throw new RangeError('the app threw');
        }
      });
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'chat stream iterator return',
    needs,
    async run({ client, log, hold }) {
      const stream = await client.chat.completions.create(streamed(), hold(1));
      const iterator = stream[Symbol.asyncIterator]();
      log('iterator', [typeof iterator.next, typeof iterator.return, typeof iterator.throw]);
      log('is its own iterable', iterator[Symbol.asyncIterator]?.() === iterator);
      log('next', await iterator.next());
      log('return', await iterator.return('kept'));
      log('next after return', await iterator.next());
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'chat stream iterator throw',
    needs,
    async run({ client, log, outcome, hold }) {
      const stream = await client.chat.completions.create(streamed(), hold(1));
      const iterator = stream[Symbol.asyncIterator]();
      log('next', await iterator.next());
      await outcome('throw', iterator.throw(new RangeError('thrown in')));
      await outcome('next after throw', iterator.next());
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'chat stream return before the first next',
    needs,
    async run({ client, log, untilSeen, hold }) {
      const stream = await client.chat.completions.create(streamed(), hold(1));
      const iterator = stream[Symbol.asyncIterator]();
      log('return', await iterator.return());
      log('next', await iterator.next());
      log('aborted', stream.controller.signal.aborted);
      await untilSeen(1);
      stream.controller.abort();
    },
  },
  {
    name: 'chat stream AbortController',
    needs,
    async run({ client, log, items, hold }) {
      const controller = new AbortController();
      const stream = await client.chat.completions.create(streamed(), hold(2, { signal: controller.signal }));
      await items('chunk', stream, (_chunk, count) => void (count === 2 && controller.abort()));
      log('aborted', [controller.signal.aborted, stream.controller.signal.aborted]);
    },
  },
  {
    name: 'chat stream aborted by its own controller',
    needs,
    async run({ client, log, items, hold }) {
      const stream = await client.chat.completions.create(streamed(), hold(2));
      await items('chunk', stream, (_chunk, count) => void (count === 2 && stream.controller.abort()));
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'chat stream aborted, then never consumed',
    needs,
    async run({ client, log, untilSeen, hold }) {
      const stream = await client.chat.completions.create(streamed(), hold(1));
      await untilSeen(1);
      stream.controller.abort();
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'chat stream toReadableStream, canceled',
    needs,
    async run({ client, log, hold }) {
      const stream = await client.chat.completions.create(streamed(), hold(1));
      const reader = stream.toReadableStream().getReader();
      log('read', JSON.parse(new TextDecoder().decode((await reader.read()).value)));
      await reader.cancel();
      log('aborted', stream.controller.signal.aborted);
      stream.controller.abort();
    },
  },
  {
    name: 'chat stream socket dies',
    needs,
    async run({ client, log, items, fault }) {
      const stream = await client.chat.completions.create(streamed(), fault('disconnect; after=3'));
      await items('chunk', stream);
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'chat stream SSE error',
    needs,
    async run({ client, log, items, fault }) {
      const stream = await client.chat.completions.create(streamed(), fault('error-event; after=3'));
      await items('chunk', stream);
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'chat stream never consumed',
    needs,
    async run({ client, log }) {
      const stream = await client.chat.completions.create(streamed());
      log('class', stream.constructor.name);
    },
  },
  {
    name: 'chat stream: nothing is read ahead',
    needs,
    async run({ makeClient, log }) {
      const source = eventFetch(EVENTS);
      const stream = await makeClient({ fetch: source.fetch }).chat.completions.create(streamed());
      log('pulled before the first next', source.pulled());
      for await (const item of stream) {
        await new Promise((resolve) => setImmediate(resolve));
        log('pulled at a chunk', [item.choices[0].delta.content, source.pulled()]);
      }
      log('pulled at the end', source.pulled());
    },
  },
  {
    name: 'chat stream: nothing is read after a break',
    needs,
    async run({ makeClient, log, sleep }) {
      const source = eventFetch(EVENTS);
      const stream = await makeClient({ fetch: source.fetch }).chat.completions.create(streamed());
      for await (const item of stream) if (item.choices[0].delta.content === 'Hel') break;
      await sleep(10);
      log('pulled', [source.pulled(), EVENTS.length]);
      log('canceled', source.canceled());
    },
  },
  {
    name: 'chat stream from a host that refuses stream_options',
    needs,
    async run({ makeClient, strictURL, items, outcome }) {
      const client = makeClient({ baseURL: strictURL });
      for (const label of ['first', 'second']) {
        const stream = await outcome(`${label} create`, async () => {
          const made = await client.chat.completions.create(streamed());
          await items(label, made);
        });
        void stream;
      }
    },
  },
];
