/** The Interactions API. */
import { MODEL } from './params.mjs';

const needs = ['interactions.create'];

const interaction = (more = {}) => ({ model: MODEL, input: 'Say hello to the reader.', ...more });
const streamed = interaction({ stream: true });

export const scenarios = [
  {
    name: 'interaction',
    needs,
    async run({ client, log, shape, outcome }) {
      const promise = client.interactions.create(interaction());
      log('promise', [
        promise instanceof Promise,
        promise.constructor.name,
        Object.getOwnPropertyNames(promise).sort(),
      ]);
      const answer = await outcome('create', promise);
      log('shape', shape(answer));
    },
  },
  {
    name: 'interaction promise consumed twice',
    needs,
    async run({ client, log }) {
      const promise = client.interactions.create(interaction());
      const [first, second] = await Promise.all([promise, promise.then((value) => value)]);
      log('the same object', first === second && (await promise) === first);
    },
  },
  {
    name: 'interaction stream',
    needs,
    async run({ client, log, items, shape }) {
      const stream = await client.interactions.create(streamed);
      log('shape', shape(stream));
      await items('event', stream);
    },
  },
  {
    name: 'interaction stream break',
    needs,
    async run({ client, items, hold }) {
      const stream = await client.interactions.create(streamed, hold(4));
      await items('event', stream, (_event, count) => (count === 3 ? 'break' : undefined));
    },
  },
  {
    name: 'interaction stream throw in the loop',
    needs,
    async run({ client, outcome, hold }) {
      const stream = await client.interactions.create(streamed, hold(2));
      await outcome('loop', async () => {
        for await (const event of stream) throw new RangeError(`the app threw at ${event.event_type}`);
      });
    },
  },
  {
    name: 'interaction stream AbortController',
    needs,
    async run({ client, items, hold }) {
      const controller = new AbortController();
      const stream = await client.interactions.create(streamed, hold(4, { signal: controller.signal }));
      await items('event', stream, (_event, count) => void (count === 4 && controller.abort()));
    },
  },
  {
    name: 'interaction stream, read as a ReadableStream',
    needs,
    async run({ client, log }) {
      const stream = await client.interactions.create(streamed);
      log('reader', typeof stream.getReader);
      if (!stream.getReader) return;
      const reader = stream.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) log('event', part.value);
    },
  },
  {
    name: 'interaction stream socket dies',
    needs,
    async run({ client, items, fault }) {
      await items('event', await client.interactions.create(streamed, fault('disconnect; after=3')));
    },
  },
  {
    name: 'interaction stream never consumed',
    needs,
    run: async ({ client, log }) => log('type', typeof (await client.interactions.create(streamed))),
  },
  {
    name: 'interaction 400, by every way to read it',
    needs,
    async run({ client, log, outcome, failure, fault }) {
      const fail = (params = interaction()) => client.interactions.create(params, fault('400'));
      await outcome('await', fail());
      await outcome('stream', fail(streamed));
      log('catch', await fail().catch(failure));
      await fail().then(undefined, (error) => log('then', error.status));
      await outcome(
        'finally',
        fail().finally(() => log('finally', true)),
      );
    },
  },
  {
    name: 'interaction 401 fired and forgotten',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.interactions.create(interaction(), fault('401'));
      await untilUnhandled(1);
    },
  },
  {
    name: 'interaction stream 401 fired and forgotten',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.interactions.create(streamed, fault('401'));
      await untilUnhandled(1);
    },
  },
  {
    name: 'interaction aborted before the answer',
    // 1.x leaves out the headers of the client, so that nobody can tell when its request was seen.
    needs: ['interactions.getClient'],
    async run({ client, outcome, untilSeen, fault }) {
      const controller = new AbortController();
      const pending = client.interactions.create(interaction(), fault('hang', { signal: controller.signal }));
      const ended = outcome('create', pending);
      await untilSeen();
      controller.abort();
      await ended;
    },
  },
  {
    name: 'interaction in the background',
    needs: ['interactions.getClient'],
    async run({ client, outcome }) {
      const opened = await outcome('create', client.interactions.create(interaction({ background: true })));
      await outcome('get', client.interactions.get(opened.id));
      await outcome('get again', client.interactions.get(opened.id));
      await outcome('get another', client.interactions.get('none'));
    },
  },
  {
    name: 'interaction surface',
    needs,
    async run({ Client, client, log, method }) {
      const { get, ...flags } = Object.getOwnPropertyDescriptor(Client.prototype, 'interactions');
      log('getter', { ...flags, name: get.name, length: get.length });
      const { interactions } = client;
      log('the same object', interactions === client.interactions);
      log('own', Object.getOwnPropertyNames(interactions).sort());
      for (let holder = interactions; holder !== Object.prototype; holder = Object.getPrototypeOf(holder))
        log('create', method(holder, 'create'));
    },
  },
];
