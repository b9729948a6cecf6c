/** Messages, plain and beta, that answer as JSON. */
import { jsonFetch } from '../memory-fetch.mjs';
import { watchers } from '../watched.mjs';
import { MODEL, message } from './params.mjs';

const needs = ['messages.create'];

const MEMORY = {
  id: 'msg_memory1',
  type: 'message',
  role: 'assistant',
  model: MODEL,
  content: [{ type: 'text', text: 'Hello.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 3 },
};

export const scenarios = [
  {
    name: 'messages create',
    needs,
    async run({ client, log, shape }) {
      const reply = await client.messages.create(message());
      log('message', reply);
      log('shape', shape(reply));
      log('request id', reply._request_id);
    },
  },
  {
    name: 'messages create with params that see who reads them',
    needs,
    async run({ client, log, outcome }) {
      for (const watch of watchers) {
        const { params, reads, by } = watch(message({ stop_sequences: ['END'] }));
        await outcome('create', client.messages.create(params));
        log(by, reads);
      }
    },
  },
  {
    name: 'messages create is an APIPromise',
    needs,
    async run({ client, APIPromise, log, method }) {
      const promise = client.messages.create(message());
      log('instanceof APIPromise', promise instanceof APIPromise);
      log('class', promise.constructor.name);
      log('prototype', Object.getPrototypeOf(promise) === APIPromise.prototype);
      log('own', Object.getOwnPropertyNames(promise).sort());
      for (const name of ['then', 'catch', 'finally', 'withResponse', 'asResponse', '_thenUnwrap', 'parse'])
        log(name, method(APIPromise.prototype, name));
      log('role', (await promise).role);
    },
  },
  {
    name: 'messages withResponse',
    needs,
    async run({ client, log, shape }) {
      const { data, response, request_id } = await client.messages.create(message()).withResponse();
      log('data', data);
      log('shape', shape(data));
      log('response', { class: response.constructor.name, status: response.status, used: response.bodyUsed });
      log('request id', request_id);
    },
  },
  {
    name: 'messages asResponse json',
    needs,
    async run({ client, log }) {
      const response = await client.messages.create(message()).asResponse();
      log('response', { class: response.constructor.name, status: response.status, used: response.bodyUsed });
      log('json', await response.json());
    },
  },
  {
    name: 'messages parse',
    needs: ['messages.parse'],
    async run({ client, outcome, answer }) {
      const format = {
        type: 'json_schema',
        schema: { type: 'object', properties: { greeting: { type: 'string' } }, required: ['greeting'] },
        parse: JSON.parse,
      };
      const params = message({ output_config: { format } });
      const reply = await outcome('parse', client.messages.parse(params, answer('{"greeting":"hello"}')));
      await outcome('parsed', async () => reply.parsed_output);
    },
  },
  {
    name: 'messages promise consumed twice',
    needs,
    async run({ client, log }) {
      const promise = client.messages.create(message());
      const [first, second] = await Promise.all([promise, promise.then((value) => value)]);
      log('the same object', first === second && (await promise) === first);
    },
  },
  {
    name: 'messages then, late',
    needs,
    async run({ client, log, sleep }) {
      const promise = client.messages.create(message());
      await sleep(30);
      log('message', await promise);
    },
  },
  {
    name: 'messages by a subclass',
    needs,
    async run({ Client, makeClient, log }) {
      class Mine extends Client {}
      const mine = makeClient({}, Mine);
      log('instanceof', [mine instanceof Mine, mine instanceof Client, mine.constructor.name]);
      log('message', await mine.messages.create(message()));
    },
  },
  {
    name: 'messages with a custom fetch',
    needs,
    async run({ makeClient, log }) {
      const calls = [];
      const fetch = jsonFetch(MEMORY, (url, init) => calls.push([String(url), init.method]));
      log('message', await makeClient({ fetch }).messages.create(message()));
      log('calls', calls);
    },
  },
  {
    name: 'messages: when the request leaves',
    needs,
    async run({ makeClient, log }) {
      const order = [];
      const client = makeClient({ fetch: jsonFetch(MEMORY, () => order.push('fetch')), openTelemetry: false });
      const promise = client.messages.create(message()).then(() => order.push('resolved'));
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
    name: 'messages with frozen params',
    needs,
    async run({ client, outcome }) {
      const params = message();
      for (const value of [params, params.messages, params.messages[0]]) Object.freeze(value);
      await outcome('create', client.messages.create(params));
    },
  },
  {
    name: 'beta messages create',
    needs: ['beta.messages.create'],
    async run({ client, APIPromise, log, shape }) {
      const promise = client.beta.messages.create(message());
      log('instanceof APIPromise', promise instanceof APIPromise);
      const reply = await promise;
      log('message', reply);
      log('shape', shape(reply));
    },
  },
  {
    name: 'beta messages parse',
    needs: ['beta.messages.parse'],
    async run({ client, outcome, answer }) {
      const format = {
        type: 'json_schema',
        schema: { type: 'object', properties: { greeting: { type: 'string' } }, required: ['greeting'] },
        parse: JSON.parse,
      };
      const params = message({ output_config: { format } });
      const reply = await outcome('parse', client.beta.messages.parse(params, answer('{"greeting":"hello"}')));
      await outcome('parsed', async () => reply.parsed_output);
    },
  },
  ...[false, true].map((stream) => ({
    name: stream ? 'beta tool runner, streamed' : 'beta tool runner',
    needs: ['beta.messages.toolRunner'],
    async run({ client, log, outcome, items, tool, ownWords }) {
      const weather = {
        type: 'custom',
        name: 'weather',
        description: 'The weather of a city',
        input_schema: { type: 'object', properties: { city: { type: 'string' } } },
        parse: (input) => input,
        run: async ({ city }) => {
          log('tool', city);
          return 'sunny';
        },
      };
      const params = message({ tools: [weather], ...(stream && { stream }) });
      const options = stream ? ownWords() : tool('weather:{"city":"Berlin"}');
      const runner = client.beta.messages.toolRunner(params, options);
      log('class', runner.constructor.name);
      await outcome('turns', async () => {
        for await (const turn of runner) {
          if (stream) await items('event', turn);
          else log('turn', turn);
        }
      });
      await outcome('final', runner.done());
    },
  })),
  {
    name: 'batch results, read twice',
    needs: ['messages.batches.results'],
    async run({ client, log, items, shape, method }) {
      const promise = client.messages.batches.results('msgbatch_fake');
      log('class', promise.constructor.name);
      log('method', method(Object.getPrototypeOf(client.messages.batches), 'results'));
      const results = await promise;
      log('results', shape(results).parents);
      await items('line', results);
      await items('again', await client.messages.batches.results('msgbatch_fake'));
    },
  },
  {
    name: 'beta batch results',
    needs: ['beta.messages.batches.results'],
    run: async ({ client, items }) => items('line', await client.beta.messages.batches.results('msgbatch_beta')),
  },
  {
    name: 'batch results 404, fired and forgotten',
    needs: ['beta.messages.batches.results'],
    async run({ client, untilUnhandled, fault, outcome }) {
      client.beta.messages.batches.results('msgbatch_beta', {}, fault('404'));
      await untilUnhandled(1);
      await outcome('results', client.beta.messages.batches.results('msgbatch_beta', {}, fault('404')));
    },
  },
  {
    name: 'messages count tokens',
    needs: ['messages.countTokens'],
    async run({ client, outcome }) {
      const { model, messages } = message();
      await outcome('count', client.messages.countTokens({ model, messages }));
    },
  },
  {
    name: 'module surface',
    needs,
    async run({ Client, sdk, client, log, method }) {
      log('exports', Object.keys(sdk).sort());
      log('default', [sdk.default === Client, sdk.Anthropic === Client, Client.Anthropic === Client]);
      log('Client', { name: Client.name, length: Client.length, keys: Reflect.ownKeys(Client).map(String).sort() });
      const holders = { messages: Client.Messages, 'beta.messages': client.beta.messages.constructor };
      for (const [path, Resource] of Object.entries(holders)) {
        log(path, Reflect.ownKeys(Resource.prototype).map(String));
        log(`${path}.create`, method(Resource.prototype, 'create'));
      }
      log('client', Reflect.ownKeys(client).map(String).sort());
    },
  },
];
