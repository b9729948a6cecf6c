/** Calls that fail, are retried, aborted, or that nobody looks at. */
import { content, MODEL } from './params.mjs';

const needs = ['models.generateContent'];

export const scenarios = [
  {
    name: 'content 429',
    needs,
    run: ({ client, outcome, fault }) =>
      outcome('generate', client.models.generateContent(content({}, fault('429; retry-after=0.005')))),
  },
  {
    name: 'content 503 retried',
    needs,
    async run({ makeClient, outcome, fault }) {
      const client = makeClient({ retryOptions: { attempts: 2, initialDelay: 0.01, maxDelay: 0.02, jitter: 0 } });
      await outcome('generate', client.models.generateContent(content({ temperature: 0.3 }, fault('503; first=1'))));
    },
  },
  {
    name: 'content stream 429',
    needs,
    run: ({ client, outcome, fault }) =>
      outcome('generate', client.models.generateContentStream(content({}, fault('429; retry-after=0.005')))),
  },
  {
    name: 'embed 429',
    needs: ['models.embedContent'],
    run: ({ client, outcome, fault }) =>
      outcome(
        'embed',
        client.models.embedContent({ ...content({}, fault('429; retry-after=0.005')), model: 'gemini-embedding-001' }),
      ),
  },
  {
    name: 'content 400, by every way to read it',
    needs,
    async run({ client, log, outcome, failure, fault }) {
      const fail = () => client.models.generateContent(content({}, fault('400')));
      await outcome('await', fail());
      log('catch', await fail().catch(failure));
      await fail().then(undefined, (error) => log('then', error.status));
      await outcome(
        'finally',
        fail().finally(() => log('finally', true)),
      );
      const settled = await Promise.allSettled([fail(), fail()]);
      log(
        'allSettled',
        settled.map(({ reason }) => reason.status),
      );
    },
  },
  {
    name: 'content 401 fired and forgotten',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.models.generateContent(content({}, fault('401')));
      await untilUnhandled(1);
    },
  },
  {
    name: 'content stream 401 fired and forgotten',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.models.generateContentStream(content({}, fault('401')));
      await untilUnhandled(1);
    },
  },
  {
    name: 'chat 401 fired and forgotten',
    needs: ['chats.create'],
    async run({ client, untilUnhandled, fault }) {
      const { config } = content({}, fault('401'));
      client.chats.create({ model: MODEL }).sendMessage({ message: 'Hello.', config });
      await untilUnhandled(1);
    },
  },
  {
    name: 'content 401 with a then that handles no failure',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.models.generateContent(content({}, fault('401'))).then(() => 'never');
      await untilUnhandled(1);
    },
  },
  {
    name: 'content 401 awaited after the rejection was reported',
    needs,
    async run({ client, outcome, untilUnhandled, fault }) {
      const promise = client.models.generateContent(content({}, fault('401')));
      await untilUnhandled(1);
      await outcome('late', promise);
    },
  },
  {
    name: 'content fired and forgotten',
    needs,
    async run({ client, log, sleep, untilSeen }) {
      client.models.generateContent(content());
      await untilSeen();
      await sleep(20);
      log('nothing to see', true);
    },
  },
  {
    name: 'content aborted before the answer',
    needs,
    async run({ client, outcome, untilSeen, fault }) {
      const controller = new AbortController();
      const params = content({}, fault('hang', { signal: controller.signal }));
      const ended = outcome('generate', client.models.generateContent(params));
      await untilSeen();
      controller.abort();
      await ended;
    },
  },
  {
    name: 'content stream aborted before the answer',
    needs,
    async run({ client, outcome, untilSeen, fault }) {
      const controller = new AbortController();
      const params = content({}, fault('hang', { signal: controller.signal }));
      const ended = outcome('generate', client.models.generateContentStream(params));
      await untilSeen();
      controller.abort();
      await ended;
    },
  },
  {
    name: 'content time-out',
    needs,
    async run({ client, outcome, fault }) {
      const params = content({}, fault('hang'));
      params.config.httpOptions.timeout = 60;
      await outcome('generate', client.models.generateContent(params));
    },
  },
  {
    name: 'content to a closed port',
    needs,
    run: ({ makeClient, outcome }) =>
      outcome('generate', makeClient({ baseURL: 'http://127.0.0.1:9' }).models.generateContent(content())),
  },
  {
    name: 'content without contents',
    needs,
    run: ({ client, outcome }) => outcome('generate', client.models.generateContent({ model: MODEL, contents: [] })),
  },
  {
    name: 'content answered with half a body',
    needs,
    run: ({ client, outcome, fault }) =>
      outcome('generate', client.models.generateContent(content({}, fault('truncated')))),
  },
];
