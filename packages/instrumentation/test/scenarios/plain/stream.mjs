/** Calls that answer as a stream. */
import { watchers } from '../watched.mjs';

const same = (result) => result;

export const streams = ({ streamParams, stream, itemsOf = same, signal, abort, reader, lingers }) => {
  const open = async (client, options) => itemsOf(await stream(client, streamParams(), options));
  /** The provider waits for the client to leave; where it may linger, the end would depend on the garbage collector. */
  const holding = (makeClient, hold, events) =>
    lingers ? makeClient() : makeClient({ defaultHeaders: hold(events).headers });
  return [
    {
      name: 'stream',
      async run({ client, log, items, shape, method }) {
        const result = await stream(client, streamParams());
        log('result', shape(result));
        const iterable = itemsOf(result);
        log('shape', shape(iterable));
        log('class', method(Object.getPrototypeOf(iterable), Symbol.asyncIterator));
        for (const name of ['getReader', 'tee']) log(name, [typeof iterable[name], iterable[name]?.name]);
        await items('event', iterable);
        log('shape, read', shape(iterable));
      },
    },
    {
      name: 'stream break with params that see who reads them',
      async run({ makeClient, log, items, hold }) {
        for (const watch of watchers) {
          const { params, reads, by } = watch(streamParams());
          const events = itemsOf(await stream(holding(makeClient, hold, 3), params));
          await items('event', events, (_event, count) => (count === 3 ? 'break' : undefined));
          log(by, reads);
        }
      },
    },
    {
      name: 'stream break',
      async run({ makeClient, items, hold }) {
        const events = await open(holding(makeClient, hold, 3));
        await items('event', events, (_event, count) => (count === 3 ? 'break' : undefined));
      },
    },
    {
      name: 'stream throw in the loop',
      async run({ makeClient, outcome, hold }) {
        const events = await open(holding(makeClient, hold, 1));
        await outcome('loop', async () => {
          for await (const event of events) throw new RangeError(`the app threw at an ${typeof event}`);
        });
      },
    },
    {
      name: 'stream iterator return',
      async run({ makeClient, log, outcome, shape, hold }) {
        const events = await open(holding(makeClient, hold, 1));
        const iterator = events[Symbol.asyncIterator]();
        log('iterator', { ...shape(iterator), own: undefined, enumerable: undefined });
        log('itself', iterator[Symbol.asyncIterator]() === iterator);
        await outcome('next', iterator.next());
        await outcome('return', iterator.return('kept'));
        await outcome('next after return', iterator.next());
      },
    },
    {
      name: 'stream return before the first next',
      async run({ makeClient, outcome, hold }) {
        const iterator = (await open(holding(makeClient, hold, 1)))[Symbol.asyncIterator]();
        await outcome('return', iterator.return('kept'));
        await outcome('next after return', iterator.next());
      },
    },
    {
      name: 'stream next, next, next at once',
      async run({ client, outcome }) {
        const iterator = (await open(client))[Symbol.asyncIterator]();
        await outcome('three', Promise.all([iterator.next(), iterator.next(), iterator.next()]));
        for (let ended = false; !ended; ) ended = (await outcome('next', iterator.next())).done;
      },
    },
    {
      name: 'stream iterated twice',
      async run({ client, items }) {
        const events = await open(client);
        await items('first', events);
        await items('second', events);
      },
    },
    {
      name: 'stream consumed late',
      async run({ client, items, sleep }) {
        const events = await open(client);
        await sleep(30);
        await items('event', events);
      },
    },
    {
      name: 'stream never consumed',
      run: async ({ client, log }) => log('type', typeof (await open(client))),
    },
    {
      name: 'stream leaves its params alone',
      async run({ client, log, items }) {
        const given = streamParams();
        const before = structuredClone(given);
        for (const label of ['first', 'second']) await items(label, itemsOf(await stream(client, given)));
        log('params', [before, given, Reflect.ownKeys(given)]);
      },
    },
    {
      name: 'stream socket dies',
      async run({ makeClient, items, fault }) {
        await items('event', await open(makeClient({ defaultHeaders: fault('disconnect; after=3').headers })));
      },
    },
    {
      name: 'stream error event',
      async run({ makeClient, items, fault }) {
        await items('event', await open(makeClient({ defaultHeaders: fault('error-event; after=3').headers })));
      },
    },
    ...(signal || abort
      ? [
          {
            name: 'stream aborted',
            async run({ makeClient, items, hold }) {
              const client = makeClient({ defaultHeaders: hold(3).headers });
              const controller = new AbortController();
              const stop = () => (abort ? abort(client) : controller.abort());
              const events = await open(client, signal?.(controller.signal));
              await items('event', events, (_event, count) => void (count === 3 && stop()));
            },
          },
        ]
      : []),
    ...(reader
      ? [
          {
            name: 'stream by a reader',
            async run({ client, log, outcome }) {
              const source = (await open(client)).getReader();
              log('class', [source.constructor.name, source.read.name, source.read.length, Object.keys(source)]);
              for (let ended = false; !ended; ) ended = (await outcome('read', source.read())).done;
              await outcome('closed', source.closed);
            },
          },
          {
            name: 'stream by a reader that cancels',
            async run({ makeClient, outcome, hold }) {
              const source = (await open(holding(makeClient, hold, 1))).getReader();
              await outcome('read', source.read());
              await outcome('cancel', source.cancel('enough'));
              await outcome('read after cancel', source.read());
            },
          },
          {
            name: 'stream tee',
            async run({ client, items }) {
              const [left, right] = (await open(client)).tee();
              await items('left', left);
              await items('right', right);
            },
          },
        ]
      : []),
  ];
};
