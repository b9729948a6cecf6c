/** Answers that come whole. */
import { jsonFetch } from '../memory-fetch.mjs';
import { watchers } from '../watched.mjs';
import { content, MEMORY, MODEL, weather, withFetch } from './params.mjs';

const needs = ['models.generateContent'];

export const scenarios = [
  {
    name: 'content generate',
    needs,
    async run({ client, log, shape }) {
      const answer = await client.models.generateContent(content());
      log('answer', answer);
      log('shape', shape(answer));
      log('text', answer.text);
    },
  },
  {
    name: 'content generate with params that see who reads them',
    needs,
    async run({ client, log, outcome }) {
      for (const watch of watchers) {
        const { params, reads, by } = watch(content({ temperature: 0, stopSequences: ['END'] }));
        await outcome('generate', client.models.generateContent(params));
        log(by, reads);
      }
    },
  },
  {
    name: 'content generate gives a plain promise',
    needs,
    async run({ client, log, method }) {
      const promise = client.models.generateContent(content());
      log('class', [promise instanceof Promise, promise.constructor.name]);
      log('prototype', Object.getPrototypeOf(promise) === Promise.prototype);
      log('own', Object.getOwnPropertyNames(promise));
      log('method', method(client.models, 'generateContent'));
      log('model', (await promise).modelVersion);
    },
  },
  {
    name: 'content promise consumed twice',
    needs,
    async run({ client, log }) {
      const promise = client.models.generateContent(content());
      const [first, second] = await Promise.all([promise, promise.then((value) => value)]);
      log('the same object', first === second && (await promise) === first);
    },
  },
  {
    name: 'content then, late',
    needs,
    async run({ client, log, sleep }) {
      const promise = client.models.generateContent(content());
      await sleep(30);
      log('answer', await promise);
      await promise.finally(() => log('finally', true));
    },
  },
  {
    name: 'content with parameters, frozen',
    needs,
    async run({ client, log, outcome }) {
      const config = { temperature: 0, maxOutputTokens: 64, systemInstruction: 'Be short.', stopSequences: ['END'] };
      const params = content(Object.freeze(config));
      Object.freeze(params.config);
      Object.freeze(params);
      await outcome('generate', client.models.generateContent(params));
      log('params', params);
    },
  },
  {
    name: 'content by a subclass',
    needs,
    async run({ Client, makeClient, log }) {
      class Mine extends Client {}
      const mine = makeClient({}, Mine);
      log('instanceof', [mine instanceof Mine, mine instanceof Client, mine.constructor.name]);
      log('answer', await mine.models.generateContent(content()));
    },
  },
  {
    name: 'content by a method that was taken off its object',
    needs,
    async run({ client, log }) {
      const { generateContent } = client.models;
      log('answer', await generateContent(content()));
    },
  },
  {
    name: 'content: when the request leaves',
    needs,
    async run({ client, log }) {
      const order = [];
      await withFetch(
        jsonFetch(MEMORY, () => order.push('fetch')),
        async () => {
          const promise = client.models.generateContent(content()).then(() => order.push('resolved'));
          order.push('generate returned');
          for (let tick = 1; tick <= 60 && !order.includes('fetch'); tick += 1) {
            await null;
            order.push(`tick ${tick}`);
          }
          await promise;
        },
      );
      log('order', order);
    },
  },
  {
    name: 'content: order of two calls and of two readers',
    needs,
    async run({ client, log }) {
      const order = [];
      await withFetch(jsonFetch(MEMORY), async () => {
        const first = client.models.generateContent(content());
        const second = client.models.generateContent(content());
        await Promise.all([
          first.then(() => order.push('first, reader 1')),
          second.then(() => order.push('second, reader 1')),
          first.then(() => order.push('first, reader 2')),
          first.finally(() => order.push('first, finally')),
        ]);
      });
      log('order', order);
    },
  },
  {
    name: 'content: twenty at once',
    needs,
    async run({ client, log }) {
      const all = await Promise.all(Array.from({ length: 20 }, () => client.models.generateContent(content())));
      log('objects', new Set(all).size);
      log('models', [...new Set(all.map((answer) => answer.modelVersion))]);
    },
  },
  {
    name: 'content with functions that the SDK calls',
    needs,
    async run({ client, log, outcome, ownWords }) {
      const params = content({ tools: [weather(log)] }, ownWords());
      const answer = await outcome('generate', client.models.generateContent(params));
      log('history', answer.automaticFunctionCallingHistory);
      log('params', Object.keys(params.config));
    },
  },
  {
    name: 'content with functions that the app calls',
    needs,
    async run({ client, log, ownWords }) {
      const { functionDeclarations } = await weather(log).tool();
      const answer = await client.models.generateContent(content({ tools: [{ functionDeclarations }] }, ownWords()));
      log('calls', answer.functionCalls);
    },
  },
  {
    name: 'chat',
    needs: ['chats.create'],
    async run({ client, log, outcome }) {
      const chat = client.chats.create({ model: MODEL, config: { temperature: 0 } });
      await outcome('first', chat.sendMessage({ message: 'Hello.' }));
      await outcome('second', chat.sendMessage({ message: 'And now?' }));
      log('history', chat.getHistory());
    },
  },
  {
    name: 'embed content',
    needs: ['models.embedContent'],
    async run({ client, log, shape }) {
      const params = { model: 'gemini-embedding-001', contents: ['one', 'two'], config: { outputDimensionality: 4 } };
      const answer = await client.models.embedContent(params);
      log('answer', answer);
      log('shape', shape(answer));
      log('headers', shape(answer.sdkHttpResponse));
    },
  },
  {
    name: 'content count tokens',
    needs: ['models.countTokens'],
    run: ({ client, outcome }) =>
      outcome('count', client.models.countTokens({ model: MODEL, contents: 'Say hello to the reader.' })),
  },
  {
    name: 'module surface',
    needs,
    async run({ Client, sdk, client, log, method }) {
      log('exports', Object.keys(sdk).sort());
      log('Client', { name: Client.name, length: Client.length, keys: Reflect.ownKeys(Client).map(String).sort() });
      log('prototype', Reflect.ownKeys(Client.prototype).map(String));
      const names = ['generateContentInternal', 'generateContentStreamInternal', 'embedContentInternal'];
      log('Models', Reflect.ownKeys(sdk.Models.prototype).map(String));
      for (const name of names) log(name, method(sdk.Models.prototype, name));
      log('Chat', Reflect.ownKeys(sdk.Chat.prototype).map(String));
      log('client', Reflect.ownKeys(client).map(String).sort());
      log('models', Reflect.ownKeys(client.models).map(String).sort());
    },
  },
];
