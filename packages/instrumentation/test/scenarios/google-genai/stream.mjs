/** Answers that arrive as a stream. */
import { eventFetch } from '../memory-fetch.mjs';
import { content, MEMORY, MODEL, weather, withFetch } from './params.mjs';

const needs = ['models.generateContentStream'];

const chunk = (text, more = {}) =>
  `data: ${JSON.stringify({ ...MEMORY, candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }] })}\n\n`;
const EVENTS = [chunk('Hel'), chunk('lo'), chunk(' there'), chunk('.', { finishReason: 'STOP' })];

/** Without functions to call and hops to add, the app gets the stream of the one request itself. */
const BARE = { automaticFunctionCalling: { disable: true }, automaticContinuation: false };

const onEvery = (name, config) => [
  {
    name: `${name}`,
    needs,
    async run({ client, log, items, shape }) {
      const stream = await client.models.generateContentStream(content(config));
      log('shape', shape(stream));
      log('iterates itself', stream[Symbol.asyncIterator]() === stream);
      await items('chunk', stream);
    },
  },
  {
    name: `${name} break`,
    needs,
    async run({ client, log, items, hold }) {
      const stream = await client.models.generateContentStream(content(config, hold(3)));
      await items('chunk', stream, (_chunk, count) => (count === 2 ? 'break' : undefined));
      log('after', await stream.next());
    },
  },
  {
    name: `${name} throw in the loop`,
    needs,
    async run({ client, outcome, hold }) {
      const stream = await client.models.generateContentStream(content(config, hold(2)));
      await outcome('loop', async () => {
        for await (const item of stream) throw new RangeError(`the app threw at ${item.text}`);
      });
    },
  },
  {
    name: `${name} iterator return`,
    needs,
    async run({ client, log, hold }) {
      const stream = await client.models.generateContentStream(content(config, hold(2)));
      log('next', await stream.next());
      log('return', await stream.return('kept'));
      log('next after return', await stream.next());
    },
  },
  {
    name: `${name} iterator throw`,
    needs,
    async run({ client, log, outcome, hold }) {
      const stream = await client.models.generateContentStream(content(config, hold(2)));
      log('next', await stream.next());
      await outcome('throw', stream.throw(new RangeError('the app threw')));
      log('next after throw', await stream.next());
    },
  },
  {
    name: `${name} return before the first chunk`,
    needs,
    async run({ client, log }) {
      const stream = await client.models.generateContentStream(content(config));
      log('return', await stream.return('kept'));
      log('next after return', await stream.next());
    },
  },
  {
    name: `${name} AbortController`,
    needs,
    async run({ client, items, hold }) {
      const controller = new AbortController();
      const params = content(config, hold(3, { signal: controller.signal }));
      const stream = await client.models.generateContentStream(params);
      await items('chunk', stream, (_chunk, count) => void (count === 3 && controller.abort()));
    },
  },
  {
    name: `${name} iterated twice`,
    needs,
    async run({ client, items }) {
      const stream = await client.models.generateContentStream(content(config));
      await items('first', stream);
      await items('second', stream);
    },
  },
  {
    name: `${name} three next at once`,
    needs,
    async run({ client, log, items }) {
      const stream = await client.models.generateContentStream(content(config));
      log('three', await Promise.all([stream.next(), stream.next(), stream.next()]));
      await items('rest', stream);
    },
  },
  {
    name: `${name} socket dies`,
    needs,
    async run({ client, items, fault }) {
      await items('chunk', await client.models.generateContentStream(content(config, fault('disconnect; after=3'))));
    },
  },
  {
    name: `${name} error event`,
    needs,
    async run({ client, items, fault }) {
      await items('chunk', await client.models.generateContentStream(content(config, fault('error-event; after=3'))));
    },
  },
  {
    name: `${name} never consumed`,
    needs,
    run: async ({ client, log }) => log('type', typeof (await client.models.generateContentStream(content(config)))),
  },
  {
    name: `${name}: nothing is read ahead`,
    needs,
    async run({ client, log }) {
      const source = eventFetch(EVENTS);
      await withFetch(source.fetch, async () => {
        const stream = await client.models.generateContentStream(content(config));
        log('pulled before the first next', source.pulled());
        for await (const item of stream) {
          await new Promise((resolve) => setImmediate(resolve));
          log('pulled at a chunk', [item.text, source.pulled()]);
        }
      });
    },
  },
  {
    name: `${name}: nothing is read after a break`,
    needs,
    async run({ client, log, sleep }) {
      const source = eventFetch(EVENTS);
      await withFetch(source.fetch, async () => {
        for await (const item of await client.models.generateContentStream(content(config))) if (item.text) break;
        await sleep(10);
        log('pulled', [source.pulled(), EVENTS.length, source.canceled()]);
      });
    },
  },
];

export const scenarios = [
  ...onEvery('content stream', {}),
  ...onEvery('content bare stream', BARE),
  {
    name: 'content stream consumed late',
    needs,
    async run({ client, items, sleep }) {
      const promise = client.models.generateContentStream(content());
      await sleep(20);
      const stream = await promise;
      await sleep(20);
      await items('chunk', stream);
    },
  },
  {
    name: 'content stream: order of chunks and ticks',
    needs,
    async run({ client, log }) {
      const order = [];
      await withFetch(eventFetch(EVENTS).fetch, async () => {
        const stream = await client.models.generateContentStream(content());
        let done = false;
        const read = (async () => {
          for await (const item of stream) order.push(item.text);
          done = true;
        })();
        for (let turn = 1; turn <= 50 && !done; turn += 1) {
          await new Promise((resolve) => setImmediate(resolve));
          order.push(`turn ${turn}`);
        }
        await read;
      });
      log(
        'chunks',
        order.filter((entry) => !entry.startsWith('turn')),
      );
    },
  },
  {
    name: 'content stream with functions that the SDK calls',
    needs,
    async run({ client, log, items, ownWords }) {
      const params = content({ tools: [weather(log)] }, ownWords());
      await items('chunk', await client.models.generateContentStream(params));
    },
  },
  {
    name: 'content stream, left in its second round',
    needs,
    async run({ client, log, items, ownWords }) {
      const params = content({ tools: [weather(log)] }, ownWords());
      let rounds = 0;
      await items('chunk', await client.models.generateContentStream(params), (item) => {
        if (item.candidates?.[0]?.content?.role === 'user') rounds += 1;
        return rounds === 1 && item.text ? 'break' : undefined;
      });
    },
  },
  {
    name: 'chat stream',
    needs: ['chats.create'],
    async run({ client, log, items }) {
      const chat = client.chats.create({ model: MODEL });
      await items('first', await chat.sendMessageStream({ message: 'Hello.' }));
      await items('second', await chat.sendMessageStream({ message: 'And now?' }));
      log('history', chat.getHistory());
    },
  },
  {
    name: 'chat stream break',
    needs: ['chats.create'],
    async run({ client, log, items, hold }) {
      const chat = client.chats.create({ model: MODEL });
      const { config } = content({}, hold(3));
      const stream = await chat.sendMessageStream({ message: 'Hello.', config });
      await items('chunk', stream, (_chunk, count) => (count === 2 ? 'break' : undefined));
      log('history', chat.getHistory());
    },
  },
];
