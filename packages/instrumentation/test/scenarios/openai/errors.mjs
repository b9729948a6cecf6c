/** Calls that fail, are retried, aborted, or that nobody looks at. */
import { chat, streamed } from './params.mjs';

const needs = ['chat.completions.create'];

export const scenarios = [
  {
    name: 'chat 429 retried',
    needs,
    async run({ makeClient, outcome, fault }) {
      const client = makeClient({ maxRetries: 2 });
      await outcome('recovers', client.chat.completions.create(chat(), fault('429; retry-after=0.005; first=2')));
      await outcome('gives up', client.chat.completions.create(chat(), fault('429; retry-after=0.005')));
    },
  },
  {
    name: 'chat stream 429',
    needs,
    async run({ client, outcome, fault }) {
      await outcome('create', client.chat.completions.create(streamed(), fault('429; retry-after=0.005')));
    },
  },
  {
    name: 'chat 500 retried',
    needs,
    async run({ makeClient, outcome, fault }) {
      const client = makeClient({ maxRetries: 1 });
      await outcome('create', client.chat.completions.create(chat(), fault('500; retry-after=0.005; first=1')));
    },
  },
  {
    name: 'chat 400, by every way to read it',
    needs,
    async run({ client, log, outcome, failure, fault }) {
      const fail = () => client.chat.completions.create(chat(), fault('400'));
      await outcome('await', fail());
      await outcome('withResponse', fail().withResponse());
      await outcome('asResponse', fail().asResponse());
      log('catch', await fail().catch(failure));
      await fail().then(undefined, (error) => log('then', error.status));
      await outcome(
        'finally',
        fail().finally(() => log('finally', true)),
      );
      log(
        'allSettled',
        (await Promise.allSettled([fail(), fail()])).map((settled) => settled.reason.status),
      );
    },
  },
  {
    name: 'chat 401 fired and forgotten',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.chat.completions.create(chat(), fault('401'));
      await untilUnhandled(1);
    },
  },
  {
    name: 'chat stream 401 fired and forgotten',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.chat.completions.create(streamed(), fault('401'));
      await untilUnhandled(1);
    },
  },
  {
    name: 'chat 401 with a then that handles no failure',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.chat.completions.create(chat(), fault('401')).then(() => 'never');
      await untilUnhandled(1);
    },
  },
  {
    name: 'chat 401 awaited after the rejection was reported',
    needs,
    async run({ client, outcome, untilUnhandled, fault }) {
      const promise = client.chat.completions.create(chat(), fault('401'));
      await untilUnhandled(1);
      await outcome('late', promise);
    },
  },
  {
    name: 'chat fired and forgotten',
    needs,
    async run({ client, log, sleep, untilSeen }) {
      client.chat.completions.create(chat());
      await untilSeen();
      await sleep(20);
      log('nothing to see', true);
    },
  },
  {
    name: 'chat aborted before the answer',
    needs,
    async run({ client, outcome, untilSeen, fault }) {
      const controller = new AbortController();
      const promise = client.chat.completions.create(chat(), fault('hang', { signal: controller.signal }));
      const ended = outcome('create', promise);
      await untilSeen();
      controller.abort();
      await ended;
    },
  },
  {
    name: 'chat aborted before the request',
    needs,
    async run({ client, outcome }) {
      const signal = AbortSignal.abort();
      await outcome('create', client.chat.completions.create(chat(), { signal }));
    },
  },
  {
    name: 'chat time-out',
    needs,
    async run({ client, outcome, fault }) {
      await outcome('create', client.chat.completions.create(chat(), fault('hang', { timeout: 300 })));
    },
  },
  {
    name: 'chat to a closed port',
    needs,
    async run({ makeClient, outcome }) {
      const client = makeClient({ baseURL: 'http://127.0.0.1:1/v1' });
      await outcome('create', client.chat.completions.create(chat()));
    },
  },
  {
    name: 'chat with a body that is no JSON',
    needs,
    run: ({ client, outcome, fault }) => outcome('create', client.chat.completions.create(chat(), fault('truncated'))),
  },
  {
    name: 'chat with no usage in the answer',
    needs,
    run: ({ client, outcome, fault }) => outcome('create', client.chat.completions.create(chat(), fault('no-usage'))),
  },
  {
    name: 'chat with a custom fetch that throws',
    needs,
    async run({ makeClient, outcome }) {
      const fetch = async () => {
        throw new RangeError('no network today');
      };
      await outcome('create', makeClient({ fetch }).chat.completions.create(chat()));
    },
  },
  {
    name: 'chat with params that are no object',
    needs,
    async run({ client, outcome }) {
      await outcome('null', () => client.chat.completions.create(null, { maxRetries: 0 }));
      await outcome('undefined', () => client.chat.completions.create(undefined, { maxRetries: 0 }));
    },
  },
];
