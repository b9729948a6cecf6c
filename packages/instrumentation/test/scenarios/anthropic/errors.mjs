/** Calls that fail, are retried, aborted, or that nobody looks at. */
import { message, streamed } from './params.mjs';

const needs = ['messages.create'];

export const scenarios = [
  {
    name: 'messages 429 retried',
    needs,
    async run({ makeClient, outcome, fault }) {
      const client = makeClient({ maxRetries: 2 });
      await outcome('recovers', client.messages.create(message(), fault('429; retry-after=0.005; first=2')));
      await outcome('gives up', client.messages.create(message(), fault('429; retry-after=0.005')));
    },
  },
  {
    name: 'messages 529',
    needs,
    async run({ client, outcome, fault }) {
      await outcome('create', client.messages.create(message(), fault('529')));
      await outcome('stream', client.messages.create(streamed(), fault('529')));
    },
  },
  {
    name: 'messages 400, by every way to read it',
    needs,
    async run({ client, log, outcome, failure, fault }) {
      const fail = () => client.messages.create(message(), fault('400'));
      await outcome('await', fail());
      await outcome('withResponse', fail().withResponse());
      await outcome('asResponse', fail().asResponse());
      log('catch', await fail().catch(failure));
      await outcome(
        'finally',
        fail().finally(() => log('finally', true)),
      );
    },
  },
  {
    name: 'messages 401 fired and forgotten',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.messages.create(message(), fault('401'));
      await untilUnhandled(1);
    },
  },
  {
    name: 'messages stream 401 fired and forgotten',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.messages.create(streamed(), fault('401'));
      await untilUnhandled(1);
    },
  },
  {
    name: 'beta messages 401 fired and forgotten',
    needs: ['beta.messages.create'],
    async run({ client, untilUnhandled, fault }) {
      client.beta.messages.create(message(), fault('401'));
      await untilUnhandled(1);
    },
  },
  {
    name: 'messages stream helper 401 fired and forgotten',
    needs: ['messages.stream'],
    async run({ client, untilUnhandled, fault }) {
      client.messages.stream(message(), fault('401'));
      await untilUnhandled(1);
    },
  },
  {
    name: 'messages aborted before the answer',
    needs,
    async run({ client, outcome, untilSeen, fault }) {
      const controller = new AbortController();
      const ended = outcome('create', client.messages.create(message(), fault('hang', { signal: controller.signal })));
      await untilSeen();
      controller.abort();
      await ended;
    },
  },
  {
    name: 'messages time-out',
    needs,
    run: ({ client, outcome, fault }) =>
      outcome('create', client.messages.create(message(), fault('hang', { timeout: 300 }))),
  },
  {
    name: 'messages to a closed port',
    needs,
    run: ({ makeClient, outcome }) =>
      outcome('create', makeClient({ baseURL: 'http://127.0.0.1:1' }).messages.create(message())),
  },
];
