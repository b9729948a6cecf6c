import { APIError } from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { all, bench, failure, LONG } from '../testing.ts';

const { server, anthropic, last } = await bench();
const request = { model: 'claude-haiku-4-5', max_tokens: 200, messages: [{ role: 'user' as const, content: LONG }] };
const thinking = { type: 'enabled' as const, budget_tokens: 1024 };
const tools = [
  { name: 'get_weather', input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } } },
];

test('a message names the snapshot, and its usage is what the server counted', async () => {
  const { data, response, request_id } = await anthropic.messages.create({ ...request, thinking }).withResponse();
  expect(data).toMatchObject({ model: 'claude-haiku-4-5-20251001', stop_reason: 'end_turn' });
  expect(data.content.map((block) => block.type)).toEqual(['thinking', 'text']);
  expect(data.usage.input_tokens).toBe(LONG.length / 4);
  expect(data.usage.output_tokens).toBeLessThanOrEqual(200);
  expect(data.usage.output_tokens_details?.thinking_tokens).toBe(last().consumed?.reasoning);
  expect(last()).toMatchObject({
    provider: 'anthropic',
    operation: 'messages',
    responseId: data.id,
    requestId: request_id,
    serviceTier: 'standard',
    usage: data.usage,
  });
  expect(response.headers.get('anthropic-ratelimit-input-tokens-remaining')).toMatch(/^\d+$/);
  expect(Date.parse(response.headers.get('anthropic-ratelimit-tokens-reset') ?? '')).toBeGreaterThan(0);
});

test('input tokens leave out the cache; writes are split by life', async () => {
  server.next({ usage: { input: 12_060, output: 503, cacheRead: 10_000, cacheWrite5m: 1024, cacheWrite1h: 1024 } });
  const { usage } = await anthropic.messages.create(request);
  expect(usage).toMatchObject({
    input_tokens: 12,
    cache_read_input_tokens: 10_000,
    cache_creation_input_tokens: 2048,
    cache_creation: { ephemeral_5m_input_tokens: 1024, ephemeral_1h_input_tokens: 1024 },
    output_tokens: 503,
  });
});

test('cache_control makes long prompts read or write the cache, for the life that it asks for', async () => {
  const seen = new Set<string>();
  for (let turn = 0; turn < 12; turn++) {
    const system = [
      {
        type: 'text' as const,
        text: `${turn}${LONG}`,
        cache_control: { type: 'ephemeral' as const, ttl: '1h' as const },
      },
    ];
    const { usage } = await anthropic.messages.create({ ...request, system });
    expect(usage.cache_creation?.ephemeral_5m_input_tokens).toBe(0);
    if (usage.cache_creation?.ephemeral_1h_input_tokens) seen.add('write');
    if (usage.cache_read_input_tokens) seen.add('read');
  }
  expect([...seen].sort()).toEqual(['read', 'write']);
});

test('a stream states the input first and the totals, cumulative, in its message_delta', async () => {
  server.next({ usage: { input: 3000, output: 77, cacheWrite5m: 2048 } });
  const events = await all(await anthropic.messages.create({ ...request, stream: true }));
  const types = events.map((event) => event.type).filter((type) => type !== 'content_block_delta');
  expect(types).toEqual([
    'message_start',
    'content_block_start',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  expect(events[0]).toMatchObject({
    message: { usage: { input_tokens: 952, output_tokens: 1, cache_creation: { ephemeral_5m_input_tokens: 2048 } } },
  });
  const delta = events.at(-2);
  expect(delta).toMatchObject({ usage: { input_tokens: 952, cache_creation_input_tokens: 2048, output_tokens: 77 } });
  expect(delta?.type === 'message_delta' && 'cache_creation' in delta.usage).toBe(false);
});

test('the stream() helper puts thinking, text and usage together', async () => {
  const message = await anthropic.messages.stream({ ...request, thinking }).finalMessage();
  expect(message.content.map((block) => block.type)).toEqual(['thinking', 'text']);
  expect(message.usage.output_tokens).toBe(last().consumed?.output);
  expect(message.stop_reason).toBe('end_turn');
});

test('tools are called, streamed too, until a result is in the conversation', async () => {
  const body = await anthropic.messages.create({ ...request, tools });
  expect(body.stop_reason).toBe('tool_use');
  const streamed = await anthropic.messages.stream({ ...request, tools }).finalMessage();
  const call = streamed.content[0];
  expect(call).toMatchObject({ type: 'tool_use', name: 'get_weather', input: { city: expect.any(String) } });
  const result = {
    type: 'tool_result' as const,
    tool_use_id: call?.type === 'tool_use' ? call.id : '',
    content: '20 °C',
  };
  const after = await anthropic.messages.create({
    ...request,
    tools,
    messages: [
      ...request.messages,
      { role: 'assistant', content: streamed.content },
      { role: 'user', content: [result] },
    ],
  });
  expect(after.stop_reason).toBe('end_turn');
});

test('parse() gets JSON for the schema, the beta API answers as well', async () => {
  const schema = { type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false };
  const body = await anthropic.messages.parse({
    ...request,
    output_config: { format: { type: 'json_schema', schema } },
  });
  expect(body.content[0]?.type === 'text' && JSON.parse(body.content[0].text)).toEqual({ name: expect.any(String) });
  const beta = await anthropic.beta.messages.create(request);
  expect(beta.usage.output_tokens).toBe(last().consumed?.output);
  expect((await anthropic.beta.messages.stream(request).finalMessage()).stop_reason).toBe('end_turn');
});

test('refusal and max_tokens on demand', async () => {
  server.next({ finish: 'refusal' }, { finish: 'length' });
  expect(await anthropic.messages.create(request)).toMatchObject({ stop_reason: 'refusal', content: [] });
  expect((await anthropic.messages.create(request)).stop_reason).toBe('max_tokens');
});

test('counting tokens costs nothing, and agrees with the call', async () => {
  const { max_tokens: _, ...counted } = request;
  expect(await anthropic.messages.countTokens(counted)).toEqual({ input_tokens: LONG.length / 4 });
  expect(server.served().totals).toMatchObject({ calls: 0, free: 1 });
});

test('an error event ends the stream with an APIError of its type', async () => {
  server.next({ fault: 'error-event; after=3' });
  const error = await failure(all(await anthropic.messages.create({ ...request, stream: true })));
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({ status: undefined, type: 'overloaded_error' });
});

test('a request without max_tokens is refused as Anthropic does', async () => {
  const error = await failure(anthropic.messages.create({ ...request, max_tokens: undefined as never }));
  expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' });
  expect(last()).toMatchObject({ outcome: 'refused', status: 400, consumed: undefined });
});
