import { expect, test } from 'vitest';
import { all, bench, failure, LONG } from '../../testing.ts';

const { server, openai, last } = await bench();
const request = { model: 'gpt-5', input: LONG };
const tool = {
  type: 'function' as const,
  name: 'get_weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

test('a response names the snapshot, and its usage is what the server counted', async () => {
  const body = await openai.responses.create(request);
  expect(body).toMatchObject({ status: 'completed', model: 'gpt-5-2025-08-07', service_tier: 'default' });
  expect(body.output_text).toMatch(/\w/);
  expect(body.usage?.input_tokens).toBe(LONG.length / 4);
  expect(body.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  expect(body.output.map((item) => item.type)).toEqual(['reasoning', 'message']);
  expect(last()).toMatchObject({
    operation: 'responses',
    responseId: body.id,
    usage: body.usage,
    consumed: { input: body.usage?.input_tokens, output: body.usage?.output_tokens },
  });
});

test('a stream goes from created to completed, numbered, with usage at its end only', async () => {
  const events = await all(await openai.responses.create({ ...request, stream: true }));
  const types = events.map((event) => event.type);
  expect(types.filter((type) => type !== 'response.output_text.delta')).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events[0]).toMatchObject({ response: { usage: null, status: 'in_progress' } });
  expect(events.at(-1)).toMatchObject({ response: { usage: last().usage, status: 'completed' } });
});

test('the stream() helper gives the same text as the body', async () => {
  server.next({ text: 'streamed text' });
  const stream = openai.responses.stream(request);
  expect((await stream.finalResponse()).output_text).toBe('streamed text');
});

test('parse() gets JSON for the schema', async () => {
  const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 3, maximum: 3 } } };
  const text = { format: { type: 'json_schema' as const, name: 'thing', schema } };
  const body = await openai.responses.parse({ ...request, text });
  expect(body.output_parsed).toEqual({ n: 3 });
});

test('a tool is called, streamed too, until its output is in the input', async () => {
  const body = await openai.responses.create({ ...request, tools: [tool] });
  const call = body.output.find((item) => item.type === 'function_call');
  expect(JSON.parse(call?.arguments ?? '')).toEqual({ city: expect.any(String) });
  const streamed = await openai.responses.stream({ ...request, tools: [tool] }).finalResponse();
  expect(streamed.output.at(-1)).toMatchObject({ type: 'function_call', name: 'get_weather', status: 'completed' });
  const output = { type: 'function_call_output' as const, call_id: call?.call_id ?? '', output: '20 °C' };
  const after = await openai.responses.create({ ...request, input: [output], tools: [tool] });
  expect(after.output_text).toMatch(/\w/);
});

test('incomplete has usage, failed has none and cost nothing; neither throws', async () => {
  server.next({ finish: 'incomplete' }, { finish: 'failed' }, { finish: 'failed' });
  const incomplete = await all(await openai.responses.create({ ...request, stream: true }));
  expect(incomplete.at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: { incomplete_details: { reason: 'max_output_tokens' }, usage: last().usage },
  });
  const counted = server.served().totals.usage;
  const failed = await all(await openai.responses.create({ ...request, stream: true }));
  expect(failed.at(-1)).toMatchObject({
    type: 'response.failed',
    response: { usage: null, error: { code: 'server_error' } },
  });
  expect((await openai.responses.create(request)).status).toBe('failed');
  expect(server.served().totals.usage).toEqual(counted);
});

test('a background response is counted once, however often it is fetched', async () => {
  server.next({ polls: 1 });
  const queued = await openai.responses.create({ ...request, background: true });
  expect(queued).toMatchObject({ status: 'queued', usage: null });
  const statuses = [];
  for (let poll = 0; poll < 3; poll++) statuses.push((await openai.responses.retrieve(queued.id)).status);
  expect(statuses).toEqual(['in_progress', 'completed', 'completed']);
  const body = await openai.responses.retrieve(queued.id);
  expect(server.served().totals).toMatchObject({ calls: 1, free: 4 });
  expect(server.served().totals.usage).toMatchObject({
    input: body.usage?.input_tokens,
    output: body.usage?.output_tokens,
  });
});

test('a stored response can be streamed again; one that was not stored is not found', async () => {
  const first = await openai.responses.create(request);
  const again = await all(await openai.responses.retrieve(first.id, { stream: true }));
  expect(again.at(-1)).toMatchObject({ type: 'response.completed', response: { usage: first.usage } });
  const gone = await openai.responses.create({ ...request, store: false });
  expect(await failure(openai.responses.retrieve(gone.id))).toMatchObject({ status: 404 });
});

test('an error event ends the stream with an APIError', async () => {
  server.next({ fault: 'error-event; after=2' });
  const stream = await openai.responses.create({ ...request, stream: true });
  const error = await failure(all(stream));
  expect(error).toBeInstanceOf((await import('openai')).APIError);
  expect(error).toMatchObject({ status: undefined });
  expect(last()).toMatchObject({ outcome: 'broken', chunks: { sent: 2 } });
});

test('counting input tokens costs nothing', async () => {
  const body = await openai.responses.inputTokens.count({ model: 'gpt-5', input: 'four four' });
  expect(body.input_tokens).toBe(3);
  expect(server.served().totals).toMatchObject({ calls: 0, free: 1 });
});
