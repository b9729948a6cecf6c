/** The Responses API. */
import { respond, respondStreamed } from './params.mjs';

const needs = ['responses.create'];

export const scenarios = [
  {
    name: 'responses create',
    needs,
    async run({ client, APIPromise, log, shape }) {
      const promise = client.responses.create(respond());
      log('instanceof APIPromise', promise instanceof APIPromise);
      const response = await promise;
      log('response', response);
      log('shape', shape(response));
      log('output text', response.output_text);
      log('request id', response._request_id);
    },
  },
  {
    name: 'responses withResponse',
    needs,
    async run({ client, log }) {
      const { data, response } = await client.responses.create(respond()).withResponse();
      log('data', data);
      log('status', response.status);
    },
  },
  {
    name: 'responses asResponse json',
    needs,
    run: async ({ client, log }) => log('json', await (await client.responses.create(respond()).asResponse()).json()),
  },
  {
    name: 'responses stream',
    needs,
    async run({ client, Stream, log, items, shape }) {
      const stream = await client.responses.create(respondStreamed());
      log('instanceof Stream', stream instanceof Stream);
      log('shape', shape(stream));
      await items('event', stream);
    },
  },
  {
    name: 'responses stream break',
    needs,
    async run({ client, log, items, hold }) {
      const stream = await client.responses.create(respondStreamed(), hold(2));
      await items('event', stream, (_event, count) => (count === 2 ? 'break' : undefined));
      log('aborted', stream.controller.signal.aborted);
    },
  },
  {
    name: 'responses stream withResponse',
    needs,
    async run({ client, Stream, log, items }) {
      const { data, response } = await client.responses.create(respondStreamed()).withResponse();
      log('data', [data instanceof Stream, response.status, response.bodyUsed]);
      await items('event', data);
    },
  },
  {
    name: 'responses stream 429',
    needs,
    async run({ client, outcome, fault }) {
      await outcome('create', client.responses.create(respondStreamed(), fault('429; retry-after=0.005')));
    },
  },
  {
    name: 'responses stream SSE error',
    needs,
    async run({ client, items, fault }) {
      await items('event', await client.responses.create(respondStreamed(), fault('error-event; after=3')));
    },
  },
  {
    name: 'responses stream socket dies',
    needs,
    async run({ client, items, fault }) {
      await items('event', await client.responses.create(respondStreamed(), fault('disconnect; after=3')));
    },
  },
  {
    name: 'responses stream tee',
    needs,
    async run({ client, items }) {
      const [left, right] = (await client.responses.create(respondStreamed())).tee();
      await items('left', left);
      await items('right', right);
    },
  },
  {
    name: 'responses stream never consumed',
    needs,
    run: async ({ client, log }) => log('class', (await client.responses.create(respondStreamed())).constructor.name),
  },
  {
    name: 'responses parse',
    needs: ['responses.parse'],
    async run({ client, z, zodHelpers, outcome, answer }) {
      const format = zodHelpers.zodTextFormat(z.object({ greeting: z.string() }), 'greeting');
      const parse = () => client.responses.parse(respond({ text: { format } }), answer('{"greeting":"hello"}'));
      const parsed = await outcome('parse', parse());
      await outcome('parsed', async () => parsed.output_parsed);
      await outcome('withResponse', async () => (await parse().withResponse()).data.output_parsed);
    },
  },
  {
    name: 'responses stream helper',
    needs: ['responses.stream'],
    async run({ client, log, outcome }) {
      const stream = client.responses.stream(respond());
      log('class', stream.constructor.name);
      for (const event of ['event', 'response.output_text.delta', 'response.completed', 'error', 'abort', 'end'])
        stream.on(event, (...values) => log(event, values));
      await outcome('finalResponse', stream.finalResponse());
      await outcome('done', stream.done());
    },
  },
  {
    name: 'responses fire and forget 401',
    needs,
    async run({ client, untilUnhandled, fault }) {
      client.responses.create(respond(), fault('401'));
      await untilUnhandled(1);
    },
  },
  {
    name: 'responses compact',
    needs: ['responses.compact'],
    run: async ({ client, log }) => log('compacted', await client.responses.compact(respond())),
  },
  {
    name: 'responses in the background, asked for three times',
    needs,
    async run({ client, APIPromise, log, shape, polls }) {
      const { id, status } = await client.responses.create(respond({ background: true }), polls(1));
      log('status', status);
      log('asked', (await client.responses.retrieve(id)).status);
      const promise = client.responses.retrieve(id);
      log('instanceof APIPromise', promise instanceof APIPromise);
      const response = await promise;
      log('response', response);
      log('shape', shape(response));
      const { data, response: raw } = await client.responses.retrieve(id).withResponse();
      log('again', [data.output_text, raw.status]);
    },
  },
  {
    name: 'responses in the background, streamed',
    needs,
    async run({ client, items }) {
      let id;
      await items('event', await client.responses.create(respondStreamed({ background: true })), (event) => {
        id ??= event.response?.id;
      });
      await items('again', await client.responses.retrieve(id, { stream: true }));
    },
  },
  {
    name: 'responses in the background that nobody asks for',
    needs,
    async run({ client, log }) {
      log('status', (await client.responses.create(respond({ background: true }))).status);
    },
  },
  {
    name: 'responses retrieve 404',
    needs,
    run: ({ client, outcome }) => outcome('retrieve', client.responses.retrieve('resp_nobody')),
  },
  {
    name: 'responses retrieve 404, fired and forgotten',
    needs,
    async run({ client, untilUnhandled }) {
      client.responses.retrieve('resp_nobody');
      await untilUnhandled(1);
    },
  },
  {
    name: 'batch, looked at twice',
    needs: ['batches.retrieve'],
    async run({ client, log }) {
      log('batch', await client.batches.retrieve('batch_fake'));
      log('again', (await client.batches.retrieve('batch_fake')).status);
    },
  },
];
