import { expect, test } from 'vitest';
import { all, bench, LONG } from '../testing.ts';

const { server, openai, last } = await bench();
const messages = [{ role: 'user' as const, content: LONG }];
const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather',
    parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } } },
  },
};

test('a chat completion names the snapshot, and its usage is what the server counted', async () => {
  const { data, response, request_id } = await openai.chat.completions
    .create({ model: 'gpt-5-mini', messages })
    .withResponse();
  const { usage } = data;
  expect(data.model).toBe('gpt-5-mini-2025-08-07');
  expect(data.choices[0]?.message.content).toMatch(/\w+/);
  expect(usage?.prompt_tokens).toBe(LONG.length / 4);
  expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
  expect(usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  expect(last()).toMatchObject({
    provider: 'openai',
    operation: 'chat',
    path: '/v1/chat/completions',
    requestModel: 'gpt-5-mini',
    responseModel: data.model,
    responseId: data.id,
    requestId: request_id,
    serviceTier: 'default',
    status: 200,
    outcome: 'completed',
    usage,
    consumed: {
      input: usage?.prompt_tokens,
      output: usage?.completion_tokens,
      cacheRead: usage?.prompt_tokens_details?.cached_tokens,
      reasoning: usage?.completion_tokens_details?.reasoning_tokens,
    },
    body: { model: 'gpt-5-mini', messages },
  });
  expect(last().headers?.authorization).toBe('Bearer sk-test');
  for (const name of ['openai-processing-ms', 'x-ratelimit-remaining-tokens', 'x-ratelimit-reset-requests']) {
    expect(response.headers.get(name), name).toBeTruthy();
  }
});

test('the same request gets the same numbers under another id, another seed gets others', async () => {
  const one = await openai.chat.completions.create({ model: 'gpt-4o', messages });
  const two = await openai.chat.completions.create({ model: 'gpt-4o', messages });
  expect(two.usage).toEqual(one.usage);
  expect(two.choices[0]?.message.content).toBe(one.choices[0]?.message.content);
  expect(two.id).not.toBe(one.id);
});

test('output stays below max_tokens, for each of n choices', async () => {
  const body = await openai.chat.completions.create({ model: 'gpt-4o', messages, n: 3, max_completion_tokens: 5 });
  expect(body.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
  expect(body.usage?.completion_tokens).toBeGreaterThanOrEqual(3);
  expect(body.usage?.completion_tokens).toBeLessThanOrEqual(15);
});

test('a stream has usage only when asked, on its last chunk, which has no choices', async () => {
  const options = { model: 'gpt-4o', messages, stream: true as const };
  const plain = await all(await openai.chat.completions.create(options));
  expect(plain.every((chunk) => !('usage' in chunk) && chunk.choices.length === 1)).toBe(true);
  expect(last()).toMatchObject({ stream: true, outcome: 'completed', usage: undefined });

  const asked = await all(
    await openai.chat.completions.create({ ...options, stream_options: { include_usage: true } }),
  );
  expect(asked.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  expect(asked.at(-1)).toMatchObject({ choices: [], usage: last().usage });
  expect(last().chunks).toEqual({ sent: asked.length + 1, total: asked.length + 1 });
  const text = asked.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
  expect(text).toMatch(/^\w.*\.$/);
  expect(asked.at(-2)?.choices[0]?.finish_reason).toBe('stop');

  const refused = await all(
    await openai.chat.completions.create({ ...options, stream_options: { include_usage: false } }),
  );
  expect(refused.some((chunk) => 'usage' in chunk)).toBe(false);
});

test('the stream() helper puts n choices together', async () => {
  const stream = openai.chat.completions.stream({ model: 'gpt-4o', messages, n: 2 });
  const final = await stream.finalChatCompletion();
  expect(final.choices.map((choice) => choice.message.content?.length ?? 0).every((length) => length > 3)).toBe(true);
});

test('tools are called, streamed too, until a result is in the conversation', async () => {
  const body = await openai.chat.completions.create({ model: 'gpt-4o', messages, tools: [weather] });
  const call = body.choices[0]?.message.tool_calls?.[0];
  expect(body.choices[0]?.finish_reason).toBe('tool_calls');
  expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toMatchObject({ city: expect.any(String) });

  const stream = openai.chat.completions.stream({ model: 'gpt-4o', messages, tools: [weather] });
  const streamed = (await stream.finalChatCompletion()).choices[0]?.message.tool_calls?.[0];
  expect(streamed?.type === 'function' && JSON.parse(streamed.function.arguments).days).toBeGreaterThanOrEqual(1);

  const none = await openai.chat.completions.create({
    model: 'gpt-4o',
    messages,
    tools: [weather],
    tool_choice: 'none',
  });
  expect(none.choices[0]?.finish_reason).toBe('stop');
});

test('runTools takes two turns', async () => {
  let calls = 0;
  const runner = openai.chat.completions.runTools({
    model: 'gpt-4o',
    messages,
    tools: [
      { type: 'function', function: { ...weather.function, parse: JSON.parse, function: () => `${++calls} °C` } },
    ],
  });
  expect(await runner.finalContent()).toMatch(/\w/);
  expect(calls).toBe(1);
  expect(server.served().totals).toMatchObject({ calls: 2, completed: 2 });
});

test('parse() gets JSON for the schema', async () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string' },
      tags: { type: 'array', items: { enum: ['a', 'b'] } },
      ok: { type: 'boolean' },
    },
  };
  const format = { type: 'json_schema' as const, json_schema: { name: 'thing', schema } };
  const body = await openai.chat.completions.parse({ model: 'gpt-4o', messages, response_format: format });
  expect(body.choices[0]?.message.parsed).toEqual({ name: expect.any(String), tags: ['a'], ok: expect.any(Boolean) });
});

test('a plan decides text, usage, tier, model and the way it ends', async () => {
  server.next({
    text: 'exactly this',
    usage: { input: 2006, output: 300, cacheRead: 1920, reasoning: 192 },
    serviceTier: 'flex',
    model: 'my-model',
    finish: 'length',
  });
  const body = await openai.chat.completions.create({ model: 'gpt-4o', messages });
  expect(body).toMatchObject({ model: 'my-model', service_tier: 'flex' });
  expect(body.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'exactly this' } });
  expect(body.usage).toMatchObject({
    prompt_tokens: 2006,
    completion_tokens: 300,
    total_tokens: 2306,
    prompt_tokens_details: { cached_tokens: 1920 },
    completion_tokens_details: { reasoning_tokens: 192 },
  });
  server.next({ finish: 'refusal' });
  const refused = await openai.chat.completions.create({ model: 'gpt-4o', messages });
  expect(refused.choices[0]?.message.refusal).toMatch(/can't help/);
});

test('the tier is the one that served: fast is reported as priority', async () => {
  const fast = await openai.chat.completions.create({ model: 'gpt-4o', messages, service_tier: 'fast' as never });
  expect(fast.service_tier).toBe('priority');
});

test('embeddings come as floats or as base64, with equal numbers', async () => {
  const input = ['one two three', 'four'];
  const bytes = await openai.embeddings.create({ model: 'text-embedding-3-small', input });
  expect(last().body).toMatchObject({ encoding_format: 'base64' });
  expect(bytes.data.map((item) => item.embedding.length)).toEqual([1536, 1536]);
  expect(bytes.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 });
  const floats = await openai.embeddings.create({
    model: 'text-embedding-3-small',
    input: [1, 2, 3],
    encoding_format: 'float',
    dimensions: 8,
  });
  expect(Math.hypot(...(floats.data[0]?.embedding ?? []))).toBeCloseTo(1);
  expect(floats.usage.prompt_tokens).toBe(3);
  expect(server.served().totals.usage).toMatchObject({ input: 8, output: 0 });
});

test('legacy completions answer and stream', async () => {
  const request = { model: 'gpt-3.5-turbo-instruct', prompt: 'Say this', max_tokens: 9 };
  const body = await openai.completions.create(request);
  expect(body.usage).toMatchObject({ prompt_tokens: 2, total_tokens: 2 + (body.usage?.completion_tokens ?? 0) });
  const stream = await openai.completions.create({ ...request, stream: true, stream_options: { include_usage: true } });
  const chunks = await all(stream);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: last().usage });
  expect(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join('')).toMatch(/\w/);
});

test('moderations cost nothing', async () => {
  const body = await openai.moderations.create({ input: ['a', 'b'] });
  expect(body.results.map((result) => result.flagged)).toEqual([false, false]);
  expect(server.served().totals).toMatchObject({ calls: 0, free: 1, usage: { input: 0 } });
});
