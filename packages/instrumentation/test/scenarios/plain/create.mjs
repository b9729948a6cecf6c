/** Calls that answer as a whole. */
import { watchers } from '../watched.mjs';

export const creates = ({ params, create, others, holders }) => [
  {
    name: 'create',
    async run({ client, log, shape }) {
      const answer = await create(client, params());
      log('answer', answer);
      log('shape', shape(answer));
    },
  },
  {
    name: 'create with params that see who reads them',
    async run({ client, log, outcome }) {
      for (const watch of watchers) {
        const watched = watch(params());
        await outcome('create', create(client, watched.params));
        log(watched.by, watched.reads);
      }
    },
  },
  {
    name: 'create is a promise',
    async run({ client, log }) {
      const promise = create(client, params());
      log('class', [promise instanceof Promise, promise.constructor.name, Object.prototype.toString.call(promise)]);
      log('prototype', Object.getPrototypeOf(promise).constructor.name);
      log('own', Object.getOwnPropertyNames(promise).sort());
      log('keys', Object.keys(await promise));
    },
  },
  {
    name: 'create, consumed twice and late',
    async run({ client, log, sleep }) {
      const promise = create(client, params());
      await sleep(30);
      const [first, second] = await Promise.all([promise, promise.then((value) => value)]);
      log('the same object', first === second && (await promise) === first);
      await promise.finally(() => log('finally', true));
      log('catch passes the value on', Object.keys(await promise.catch(() => 'caught')));
    },
  },
  {
    name: 'create, ten at once',
    async run({ client, log }) {
      const all = await Promise.all(Array.from({ length: 10 }, () => create(client, params())));
      log('objects', new Set(all).size);
    },
  },
  {
    name: 'create leaves its params alone',
    async run({ client, log }) {
      const given = params();
      const before = structuredClone(given);
      const { messages } = given;
      await create(client, given);
      log('params', [before, given, given.messages === messages, Reflect.ownKeys(given)]);
    },
  },
  {
    name: 'create by a subclass',
    async run({ Client, makeClient, log }) {
      class Mine extends Client {
        name = 'mine';
      }
      const mine = makeClient({}, Mine);
      log('instanceof', [mine instanceof Mine, mine instanceof Client, mine.name, mine.constructor.name]);
      log('answer', await create(mine, params()));
    },
  },
  {
    name: 'module surface',
    async run({ sdk, Client, client, log, method }) {
      log('exports', Object.keys(sdk).sort());
      log('Client', { name: Client.name, length: Client.length, keys: Reflect.ownKeys(Client).map(String).sort() });
      log('client', Reflect.ownKeys(client).map(String).sort());
      const [holder, names] = holders(client);
      log('holder', Reflect.ownKeys(holder).map(String).sort());
      for (const name of names) log(name, method(holder, name));
    },
  },
  ...Object.entries(others).map(([name, run]) => ({
    name: `other: ${name}`,
    run: async ({ client, outcome }) => outcome(name, run(client)),
  })),
];
