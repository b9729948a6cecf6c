/** Chat completions that answer as JSON. */
import { jsonFetch } from '../memory-fetch.mjs';
import { watchers } from '../watched.mjs';
import { chat, chatHelper, helperPaths, modelOf } from './params.mjs';

const needs = ['chat.completions.create'];

export const scenarios = [
  {
    name: 'chat create',
    needs,
    async run({ client, log, shape }) {
      const completion = await client.chat.completions.create(chat());
      log('completion', completion);
      log('shape', shape(completion));
      log('request id', completion._request_id);
      log('text', completion.choices[0].message.content);
    },
  },
  {
    name: 'chat create is an APIPromise',
    needs,
    async run({ client, APIPromise, log, method }) {
      const promise = client.chat.completions.create(chat());
      log('instanceof APIPromise', promise instanceof APIPromise);
      log('instanceof Promise', promise instanceof Promise);
      log('class', promise.constructor.name);
      log('prototype', Object.getPrototypeOf(promise) === APIPromise.prototype);
      log('own', Object.getOwnPropertyNames(promise).sort());
      for (const name of ['then', 'catch', 'finally', 'withResponse', 'asResponse', '_thenUnwrap', 'parse'])
        log(name, method(APIPromise.prototype, name));
      log('string', Object.prototype.toString.call(promise));
      log('model', (await promise).model);
    },
  },
  {
    name: 'chat withResponse',
    needs,
    async run({ client, log, shape }) {
      const { data, response, request_id, ...rest } = await client.chat.completions.create(chat()).withResponse();
      log('data', data);
      log('shape', shape(data));
      log('response', { class: response.constructor.name, status: response.status, used: response.bodyUsed });
      log('request id', [request_id, data._request_id === request_id]);
      log('rest', rest);
    },
  },
  {
    name: 'chat asResponse json',
    needs,
    async run({ client, log }) {
      const response = await client.chat.completions.create(chat()).asResponse();
      log('response', { class: response.constructor.name, status: response.status, used: response.bodyUsed });
      log('json', await response.json());
      log('used', response.bodyUsed);
    },
  },
  {
    name: 'chat asResponse, then withResponse of the same promise',
    needs,
    async run({ client, log }) {
      const promise = client.chat.completions.create(chat());
      const response = await promise.asResponse();
      const both = await promise.withResponse();
      log('same response', both.response === response);
      log('data', both.data);
      log('same data', (await promise) === both.data);
    },
  },
  {
    name: 'chat parse zod',
    needs: helperPaths('parse'),
    async run({ client, z, zodHelpers, outcome, answer }) {
      const Greeting = z.object({ greeting: z.string(), words: z.number() });
      const params = chat({ response_format: zodHelpers.zodResponseFormat(Greeting, 'greeting') });
      const options = answer('{"greeting":"hello","words":1}');
      const parsed = await outcome('parse', chatHelper(client, 'parse')(params, options));
      await outcome('parsed', async () => parsed.choices[0].message.parsed);
      await outcome('withResponse', async () => {
        const { data, response } = await chatHelper(client, 'parse')(params, options).withResponse();
        return { data: data.choices[0].message.parsed, status: response.status };
      });
    },
  },
  {
    name: 'chat parse of a text that does not fit',
    needs: helperPaths('parse'),
    async run({ client, z, zodHelpers, outcome, answer }) {
      const format = zodHelpers.zodResponseFormat(z.object({ greeting: z.string() }), 'greeting');
      const options = answer('{"greeting":7}');
      await outcome('parse', chatHelper(client, 'parse')(chat({ response_format: format }), options));
    },
  },
  {
    name: 'chat runTools',
    needs: helperPaths('runTools'),
    async run({ client, log, outcome, tool }) {
      const weather = {
        type: 'function',
        function: {
          name: 'weather',
          description: 'The weather of a city',
          parameters: { type: 'object', properties: { city: { type: 'string' } } },
          parse: JSON.parse,
          function: async ({ city }) => {
            log('tool', city);
            return 'sunny';
          },
        },
      };
      const runner = chatHelper(client, 'runTools')(chat({ tools: [weather] }), tool('weather:{"city":"Berlin"}'));
      for (const event of ['connect', 'message', 'content', 'chatCompletion', 'finalContent', 'error', 'end'])
        runner.on(event, (value) => log(event, value));
      log('class', runner.constructor.name);
      await outcome('finalContent', runner.finalContent());
      await outcome('totalUsage', runner.totalUsage());
    },
  },
  {
    name: 'chat n=3',
    needs,
    run: async ({ client, log }) => log('choices', (await client.chat.completions.create(chat({ n: 3 }))).choices),
  },
  {
    name: 'chat promise consumed twice',
    needs,
    async run({ client, log }) {
      const promise = client.chat.completions.create(chat());
      const [first, second] = await Promise.all([promise, promise.then((value) => value)]);
      log('the same object', first === second && (await promise) === first);
      log('completion', first);
    },
  },
  {
    name: 'chat then, late',
    needs,
    async run({ client, log, sleep }) {
      const promise = client.chat.completions.create(chat());
      await sleep(30);
      log('completion', await promise);
      await promise.finally(() => log('finally', true));
      log('catch passes the value on', (await promise.catch(() => 'caught')).object);
    },
  },
  {
    name: 'chat thenUnwrap',
    needs,
    async run({ client, log }) {
      const promise = client.chat.completions.create(chat());
      const derived = promise._thenUnwrap((data) => ({ text: data.choices[0].message.content }));
      log('class', derived.constructor.name);
      log('value', await derived);
      log('withResponse', (await derived.withResponse()).response.status);
    },
  },
  {
    name: 'chat by a subclass',
    needs,
    async run({ Client, makeClient, log, method }) {
      class Mine extends Client {
        name = 'mine';
      }
      const mine = makeClient({}, Mine);
      log('instanceof', [mine instanceof Mine, mine instanceof Client, mine.name, mine.constructor.name]);
      log('create', method(Object.getPrototypeOf(mine.chat.completions), 'create'));
      log('own', Object.keys(mine.chat.completions).sort());
      log('completion', await mine.chat.completions.create(chat()));
    },
  },
  {
    name: 'chat by a subclass of the resource',
    needs,
    async run({ client, Client, log }) {
      class Loud extends Client.Chat.Completions {
        create(params, options) {
          log('create', params.model);
          return super.create(params, options);
        }
      }
      log('completion', await new Loud(client).create(chat()));
    },
  },
  {
    name: 'chat with a custom fetch',
    needs,
    async run({ makeClient, log }) {
      const calls = [];
      const body = { id: 'chatcmpl-memory1', object: 'chat.completion', model: 'gpt-4o-mini', choices: [] };
      const fetch = jsonFetch(body, (url, init) =>
        calls.push([String(url), init.method, typeof init.body === 'string' ? JSON.parse(init.body) : init.body]),
      );
      const client = makeClient({ fetch });
      log('completion', await client.chat.completions.create(chat()));
      log('calls', calls);
    },
  },
  {
    name: 'chat: when the request leaves',
    needs,
    async run({ makeClient, log }) {
      const order = [];
      const body = { id: 'chatcmpl-memory1', object: 'chat.completion', model: 'gpt-4o-mini', choices: [] };
      const client = makeClient({ fetch: jsonFetch(body, () => order.push('fetch')) });
      const promise = client.chat.completions.create(chat()).then(() => order.push('resolved'));
      order.push('create returned');
      for (let tick = 1; tick <= 40 && !order.includes('fetch'); tick += 1) {
        await null;
        order.push(`tick ${tick}`);
      }
      await promise;
      log('order', order);
    },
  },
  {
    name: 'chat: order of two calls and of two readers',
    needs,
    async run({ makeClient, log }) {
      const order = [];
      const body = { id: 'chatcmpl-memory1', object: 'chat.completion', model: 'gpt-4o-mini', choices: [] };
      const client = makeClient({ fetch: jsonFetch(body) });
      const first = client.chat.completions.create(chat());
      const second = client.chat.completions.create(chat());
      await Promise.all([
        first.then(() => order.push('first, reader 1')),
        second.then(() => order.push('second, reader 1')),
        first.then(() => order.push('first, reader 2')),
        first.finally(() => order.push('first, finally')),
      ]);
      log('order', order);
    },
  },
  {
    name: 'chat: twenty at once',
    needs,
    async run({ client, log }) {
      const all = await Promise.all(Array.from({ length: 20 }, () => client.chat.completions.create(chat())));
      log('objects', new Set(all).size);
      log('models', [...new Set(all.map((completion) => completion.model))]);
    },
  },
  {
    name: 'chat with params that see who reads them',
    needs,
    async run({ client, log, outcome }) {
      for (const watch of watchers) {
        const { params, reads, by } = watch(chat({ stop: ['END'], response_format: { type: 'text' } }));
        await outcome('create', client.chat.completions.create(params));
        log(by, reads);
      }
    },
  },
  {
    name: 'chat with frozen params',
    needs,
    async run({ client, log, outcome }) {
      const params = deepFreeze(chat({ temperature: 0 }));
      const options = deepFreeze({ headers: { 'x-own': 'yes' } });
      log('frozen', [Object.isFrozen(params), Object.isFrozen(options)]);
      await outcome('create', client.chat.completions.create(params, options));
    },
  },
  {
    name: 'completions create',
    needs: ['completions.create'],
    async run({ client, log, shape }) {
      const completion = await client.completions.create({ model: modelOf('completions'), prompt: 'Say hello' });
      log('completion', completion);
      log('shape', shape(completion));
    },
  },
  {
    name: 'embeddings',
    needs: ['embeddings.create'],
    async run({ client, log, shape }) {
      const result = await client.embeddings.create({ model: modelOf('embeddings'), input: 'hello' });
      log('result', { ...result, data: result.data.map((item) => [typeof item.embedding, item.embedding.length > 0]) });
      log('shape', shape(result));
      const { data, response } = await client.embeddings
        .create({ model: modelOf('embeddings'), input: ['one', 'two'], encoding_format: 'float' })
        .withResponse();
      log('two', [data.data.length, data.usage, response.status]);
    },
  },
  {
    name: 'module surface',
    needs,
    async run({ Client, sdk, client, log, method }) {
      log('exports', Object.keys(sdk).sort());
      log('default', [sdk.default === Client, sdk[Client.name] === Client, Client[Client.name] === Client]);
      log('Client', { name: Client.name, length: Client.length, keys: Reflect.ownKeys(Client).map(String).sort() });
      const holders = {
        'chat.completions': Client.Chat.Completions,
        completions: Client.Completions,
        responses: Client.Responses,
        embeddings: Client.Embeddings,
      };
      for (const [path, Resource] of Object.entries(holders)) {
        if (!Resource) continue;
        log(path, Reflect.ownKeys(Resource.prototype).map(String));
        log(`${path}.create`, method(Resource.prototype, 'create'));
      }
      log('client', Reflect.ownKeys(client).map(String).sort());
    },
  },
];

function deepFreeze(value) {
  for (const inner of Object.values(value)) if (inner !== null && typeof inner === 'object') deepFreeze(inner);
  return Object.freeze(value);
}
