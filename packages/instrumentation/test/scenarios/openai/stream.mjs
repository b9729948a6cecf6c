/** Chat completions that arrive as a stream and are read to the end. */
import { chat, chatHelper, helperPaths, modelOf, streamed } from './params.mjs';

const needs = ['chat.completions.create'];

export const scenarios = [
  {
    name: 'chat stream helper',
    needs: helperPaths('stream'),
    async run({ client, log, outcome }) {
      const stream = chatHelper(client, 'stream')(chat());
      log('class', stream.constructor.name);
      for (const event of [
        'connect',
        'chunk',
        'chatCompletion',
        'message',
        'content',
        'finalContent',
        'error',
        'abort',
        'end',
      ])
        stream.on(event, (...values) => log(event, values));
      await outcome('finalChatCompletion', stream.finalChatCompletion());
      await outcome('totalUsage', stream.totalUsage());
      await outcome('done', stream.done());
    },
  },
  {
    name: 'chat stream helper, iterated',
    needs: helperPaths('stream'),
    async run({ client, items, outcome }) {
      const stream = chatHelper(client, 'stream')(chat());
      await items('chunk', stream);
      await outcome('finalContent', stream.finalContent());
    },
  },
  {
    name: 'chat stream',
    needs,
    async run({ client, Stream, log, items, shape, method }) {
      const stream = await client.chat.completions.create(streamed());
      log('instanceof Stream', stream instanceof Stream);
      log('prototype', Object.getPrototypeOf(stream) === Stream.prototype);
      log('shape', shape(stream));
      log('iterator', { ...method(stream, 'iterator'), name: '-' });
      for (const name of ['tee', 'toReadableStream', Symbol.asyncIterator])
        log(String(name), method(Stream.prototype, name));
      log('controller', stream.controller.constructor.name);
      await items('chunk', stream);
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'chat stream include_usage',
    needs,
    async run({ client, items }) {
      await items('chunk', await client.chat.completions.create(streamed({ stream_options: { include_usage: true } })));
    },
  },
  {
    name: 'chat stream include_usage false',
    needs,
    async run({ client, items }) {
      await items(
        'chunk',
        await client.chat.completions.create(streamed({ stream_options: { include_usage: false } })),
      );
    },
  },
  {
    name: 'chat stream with other stream_options',
    needs,
    async run({ client, items }) {
      await items(
        'chunk',
        await client.chat.completions.create(streamed({ stream_options: { include_obfuscation: false } })),
      );
    },
  },
  {
    name: 'chat stream n=2',
    needs,
    run: async ({ client, items }) => items('chunk', await client.chat.completions.create(streamed({ n: 2 }))),
  },
  {
    name: 'chat stream withResponse',
    needs,
    async run({ client, Stream, log, items }) {
      const { data, response, request_id } = await client.chat.completions.create(streamed()).withResponse();
      log('data', [data instanceof Stream, data.constructor.name]);
      log('response', { class: response.constructor.name, status: response.status, used: response.bodyUsed });
      log('request id', request_id);
      await items('chunk', data);
    },
  },
  {
    name: 'chat stream asResponse text',
    needs,
    async run({ client, log }) {
      const response = await client.chat.completions.create(streamed()).asResponse();
      log('type', response.headers.get('content-type'));
      const text = await response.text();
      // With include_usage the raw body differs: what is proven here is that it is still the app's to read.
      log('begins', text.slice(0, 6));
      log('ends', text.trimEnd().endsWith('data: [DONE]'));
    },
  },
  {
    name: 'chat stream next, next, next at once',
    needs,
    async run({ client, log, items }) {
      const stream = await client.chat.completions.create(streamed());
      const iterator = stream[Symbol.asyncIterator]();
      log('three', await Promise.all([iterator.next(), iterator.next(), iterator.next()]));
      await items('rest', { [Symbol.asyncIterator]: () => iterator });
    },
  },
  {
    name: 'chat stream iterated twice',
    needs,
    async run({ client, items }) {
      const stream = await client.chat.completions.create(streamed());
      await items('first', stream);
      await items('second', stream);
    },
  },
  {
    name: 'chat stream, two iterations at once',
    needs,
    async run({ client, log, items, outcome }) {
      const stream = await client.chat.completions.create(streamed());
      const iterator = stream[Symbol.asyncIterator]();
      log('next', await iterator.next());
      await outcome('second', stream[Symbol.asyncIterator]().next());
      await items('rest', { [Symbol.asyncIterator]: () => iterator });
    },
  },
  {
    name: 'chat stream tee',
    needs,
    async run({ client, Stream, log, items }) {
      const stream = await client.chat.completions.create(streamed());
      const [left, right] = stream.tee();
      log('branches', [left instanceof Stream, right instanceof Stream, left === stream]);
      await items('left', left);
      await items('right', right);
    },
  },
  {
    name: 'chat stream toReadableStream',
    needs,
    async run({ client, log }) {
      const stream = await client.chat.completions.create(streamed());
      const readable = stream.toReadableStream();
      log('class', readable.constructor.name);
      const decoder = new TextDecoder();
      let text = '';
      for await (const bytes of readable) text += decoder.decode(bytes, { stream: true });
      for (const json of text.trimEnd().split('\n')) log('line', JSON.parse(json));
    },
  },
  {
    name: 'chat stream round trip through a ReadableStream',
    needs,
    async run({ client, Stream, items }) {
      const stream = await client.chat.completions.create(streamed());
      await items('chunk', Stream.fromReadableStream(stream.toReadableStream(), new AbortController()));
    },
  },
  {
    name: 'chat stream consumed late',
    needs,
    async run({ client, items, sleep }) {
      const promise = client.chat.completions.create(streamed());
      await sleep(20);
      const stream = await promise;
      await sleep(20);
      await items('chunk', stream);
    },
  },
  {
    name: 'chat stream with frozen params',
    needs,
    async run({ client, log, items }) {
      const params = Object.freeze(streamed({ stream_options: Object.freeze({}) }));
      await items('chunk', await client.chat.completions.create(params));
      log('params', params);
    },
  },
  {
    name: 'chat stream params reused',
    needs,
    async run({ client, log, items }) {
      const params = streamed();
      const messages = params.messages;
      for (const label of ['first', 'second']) await items(label, await client.chat.completions.create(params));
      log('params', params);
      log('the same messages', params.messages === messages);
      log('own', Reflect.ownKeys(params));
    },
  },
  {
    name: 'completions stream',
    needs: ['completions.create'],
    async run({ client, items }) {
      await items(
        'chunk',
        await client.completions.create({ model: modelOf('completions'), prompt: 'Say hello', stream: true }),
      );
    },
  },
];
