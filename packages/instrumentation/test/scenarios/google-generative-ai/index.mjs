/** The scenarios of @google/generative-ai. */
import { jsonFetch } from '../memory-fetch.mjs';

const MODEL = 'gemini-2.5-flash';
const PROMPT = 'Say hello to the reader.';
const needs = ['getGenerativeModel'];

/** Headers and signal for one request, as the toolbox makes them, in this SDK's form. */
const using = ({ line }, { headers, signal, timeout } = {}) => ({
  baseUrl: line.baseURL,
  customHeaders: { ...line.defaultHeaders, ...headers },
  ...(signal && { signal }),
  ...(timeout && { timeout }),
});

const modelOf = (tools, options, name = MODEL) =>
  tools.client.getGenerativeModel({ model: name, generationConfig: { temperature: 0 } }, using(tools, options));

const MEMORY = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'Hello.' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 3, totalTokenCount: 13 },
};

export const scenarios = [
  {
    name: 'content',
    needs,
    async run(tools) {
      const promise = modelOf(tools).generateContent(PROMPT);
      tools.log('promise', [promise.constructor.name, Object.getOwnPropertyNames(promise)]);
      const result = await tools.outcome('generate', promise);
      tools.log('shape', [tools.shape(result), tools.shape(result.response)]);
      tools.log('text', result.response.text());
    },
  },
  {
    name: 'content: when the request leaves',
    needs,
    async run(tools) {
      const order = [];
      const { fetch } = globalThis;
      globalThis.fetch = jsonFetch(MEMORY, () => order.push('fetch'));
      try {
        const promise = modelOf(tools).generateContent(PROMPT);
        for (let tick = 1; tick <= 40 && !order.includes('fetch'); tick += 1) {
          await null;
          order.push(`tick ${tick}`);
        }
        tools.log('text', (await promise).response.text());
      } finally {
        globalThis.fetch = fetch;
      }
      tools.log('order', order);
    },
  },
  {
    name: 'content promise consumed twice',
    needs,
    async run(tools) {
      const promise = modelOf(tools).generateContent(PROMPT);
      const [first, second] = await Promise.all([promise, promise.then((value) => value)]);
      tools.log('the same object', first === second && (await promise) === first);
    },
  },
  {
    name: 'content stream',
    needs,
    async run(tools) {
      const result = await modelOf(tools).generateContentStream(PROMPT);
      tools.log('shape', [tools.shape(result), result.response.constructor.name]);
      await tools.items('chunk', result.stream);
      await tools.outcome('response', result.response);
    },
  },
  {
    name: 'content stream, only the whole',
    needs,
    async run(tools) {
      const { response } = await modelOf(tools).generateContentStream(PROMPT);
      await tools.outcome('response', response);
    },
  },
  {
    name: 'content stream break',
    needs,
    async run(tools) {
      const { stream, response } = await modelOf(tools).generateContentStream(PROMPT);
      await tools.items('chunk', stream, (_chunk, count) => (count === 2 ? 'break' : undefined));
      await tools.outcome('response', response);
    },
  },
  {
    name: 'content stream AbortController',
    needs,
    async run(tools) {
      const controller = new AbortController();
      const options = using(tools, tools.hold(3, { signal: controller.signal }));
      const { stream, response } = await modelOf(tools).generateContentStream(PROMPT, options);
      const ended = tools.outcome('response', response);
      await tools.items('chunk', stream, (_chunk, count) => void (count === 3 && controller.abort()));
      await ended;
    },
  },
  {
    name: 'content stream socket dies, and nobody looks at the whole',
    needs,
    async run(tools) {
      const options = using(tools, tools.fault('disconnect; after=3'));
      const { stream } = await modelOf(tools).generateContentStream(PROMPT, options);
      await tools.items('chunk', stream);
      await tools.untilUnhandled(1);
    },
  },
  {
    name: 'chat',
    needs,
    async run(tools) {
      const chat = modelOf(tools).startChat();
      await tools.outcome('first', chat.sendMessage('Hello.'));
      const { stream, response } = await chat.sendMessageStream('And now?');
      await tools.items('chunk', stream);
      await tools.outcome('response', response);
      tools.log('history', await chat.getHistory());
    },
  },
  {
    name: 'chat stream socket dies, and nobody looks at the whole',
    needs,
    async run(tools) {
      const options = using(tools, tools.fault('disconnect; after=3'));
      const { stream } = await modelOf(tools).startChat().sendMessageStream('Hello.', options);
      await tools.items('chunk', stream);
      await tools.sleep(20);
    },
  },
  {
    name: 'embeddings',
    needs,
    async run(tools) {
      const model = modelOf(tools, {}, 'gemini-embedding-001');
      const content = { role: 'user', parts: [{ text: 'one' }] };
      await tools.outcome('one', model.embedContent('one'));
      await tools.outcome('two', model.batchEmbedContents({ requests: [{ content }, { content }] }));
    },
  },
  {
    name: 'count tokens',
    needs,
    run: (tools) => tools.outcome('count', modelOf(tools).countTokens(PROMPT)),
  },
  {
    name: 'content 400, by every way to read it',
    needs,
    async run(tools) {
      const fail = () => modelOf(tools).generateContent(PROMPT, using(tools, tools.fault('400')));
      await tools.outcome('await', fail());
      tools.log('catch', await fail().catch(tools.failure));
      await fail().then(undefined, (error) => tools.log('then', error.status));
      await tools.outcome(
        'finally',
        fail().finally(() => tools.log('finally', true)),
      );
    },
  },
  ...['generateContent', 'generateContentStream'].map((method) => ({
    name: `${method} 401 fired and forgotten`,
    needs,
    async run(tools) {
      modelOf(tools)[method](PROMPT, using(tools, tools.fault('401')));
      await tools.untilUnhandled(1);
    },
  })),
  ...['sendMessage', 'sendMessageStream'].map((method) => ({
    name: `${method} 401 fired and forgotten`,
    needs,
    async run(tools) {
      modelOf(tools)
        .startChat()
        [method](PROMPT, using(tools, tools.fault('401')));
      await tools.untilUnhandled(1);
    },
  })),
  {
    name: 'content aborted before the answer',
    needs,
    async run(tools) {
      const controller = new AbortController();
      const options = using(tools, tools.fault('hang', { signal: controller.signal }));
      const ended = tools.outcome('generate', modelOf(tools).generateContent(PROMPT, options));
      await tools.untilSeen();
      controller.abort();
      await ended;
    },
  },
  {
    name: 'content time-out',
    needs,
    run: (tools) =>
      tools.outcome(
        'generate',
        modelOf(tools).generateContent(PROMPT, using(tools, tools.fault('hang', { timeout: 60 }))),
      ),
  },
  {
    name: 'module surface',
    needs,
    async run({ Client, sdk, log, method }) {
      log('exports', Object.keys(sdk).sort());
      log('Client', { name: Client.name, length: Client.length, keys: Reflect.ownKeys(Client.prototype).map(String) });
      for (const [name, Class] of Object.entries({ model: sdk.GenerativeModel, chat: sdk.ChatSession })) {
        const keys = Reflect.ownKeys(Class.prototype).map(String);
        log(name, keys);
        for (const key of keys) log(key, method(Class.prototype, key));
      }
    },
  },
];
