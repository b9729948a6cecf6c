import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { parseFault } from '../index.ts';
import { all, bench, failure, LONG } from '../testing.ts';

const { server, openai, anthropic, last } = await bench();
const messages = [{ role: 'user' as const, content: LONG }];
const chat = { model: 'gpt-4o', messages };
const streamed = { ...chat, stream: true as const };
const message = { model: 'claude-haiku-4-5', max_tokens: 100, messages };
const once = { maxRetries: 0 };

/** Headers that ask for a fault. */
const fault = (text: string): { headers: Record<string, string> } => ({ headers: { 'x-fake-fault': text } });

test.each([
  [400, OpenAI.BadRequestError, 'context_length_exceeded'],
  [401, OpenAI.AuthenticationError, 'invalid_api_key'],
  [404, OpenAI.NotFoundError, 'model_not_found'],
  [429, OpenAI.RateLimitError, 'rate_limit_exceeded'],
  [500, OpenAI.InternalServerError, null],
])('OpenAI %i', async (status, type, code) => {
  const error = await failure(openai.chat.completions.create(chat, { ...once, ...fault(String(status)) }));
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject({ status, code, requestID: last().requestId });
  expect(last()).toMatchObject({ status, outcome: 'refused', fault: 'status', usage: undefined, consumed: undefined });
});

test.each([
  [400, Anthropic.BadRequestError, 'invalid_request_error'],
  [401, Anthropic.AuthenticationError, 'authentication_error'],
  [404, Anthropic.NotFoundError, 'not_found_error'],
  [429, Anthropic.RateLimitError, 'rate_limit_error'],
  [500, Anthropic.InternalServerError, 'api_error'],
  [529, Anthropic.APIError, 'overloaded_error'],
])('Anthropic %i', async (status, type, name) => {
  const error = await failure(anthropic.messages.create(message, { ...once, ...fault(String(status)) }));
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject({ status, type: name, requestID: last().requestId });
});

test('the errors name what was asked for', async () => {
  const missing = openai.chat.completions.create({ ...chat, model: 'gpt-x' }, fault('404'));
  expect((await failure(missing)).message).toContain('gpt-x');
  const quota = fault('429; code=insufficient_quota');
  expect(await failure(openai.chat.completions.create(chat, { ...once, ...quota }))).toMatchObject({
    type: 'insufficient_quota',
    headers: expect.any(Headers),
  });
});

test('retry-after is sent as given', async () => {
  const error = await failure(openai.chat.completions.create(chat, { ...once, ...fault('429; retry-after=7') }));
  expect(error instanceof OpenAI.APIError && error.headers?.get('retry-after')).toBe('7');
});

test('a fault for the first attempts lets a retry succeed, from a header and from the queue', async () => {
  await openai.chat.completions.create(chat, fault('429; retry-after=0.01; first=2'));
  expect(server.served().entries.map((entry) => [entry.attempt, entry.outcome])).toEqual([
    [1, 'refused'],
    [2, 'refused'],
    [3, 'completed'],
  ]);
  server.next({ fault: '500; retry-after=0.01' });
  await anthropic.messages.create(message);
  expect(server.served().totals).toMatchObject({ calls: 2, attempts: 5, completed: 2, refused: 3 });
});

test('without a fault header for it, a queued plan answers as many requests as it says, in order', async () => {
  server.next({ text: 'one' }, { text: 'two', attempts: 2 });
  const texts = [];
  for (let index = 0; index < 4; index++) {
    texts.push((await openai.chat.completions.create(chat)).choices[0]?.message.content);
  }
  expect(texts.slice(0, 3)).toEqual(['one', 'two', 'two']);
  expect(texts[3]).not.toBe('two');
});

test('x-fake-plan takes a whole plan', async () => {
  const headers = { 'x-fake-plan': JSON.stringify({ usage: { input: 7, output: 9 }, text: 'planned' }) };
  const body = await openai.chat.completions.create(chat, { headers });
  expect(body.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 9 });
  expect(body.choices[0]?.message.content).toBe('planned');
});

test('a fault that is none is told to the test, and not retried', async () => {
  const error = await failure(openai.chat.completions.create(chat, fault('42')));
  expect(error.message).toContain('Unknown fault "42"');
  expect(server.served().totals.attempts).toBe(1);
  expect(() => server.next({ fault: 'disconnect; before=1' })).toThrow('It has: first, after');
  expect(() => parseFault('429; retry-after=soon')).toThrow('retry-after=soon is not a number');
  expect(() => parseFault('bad-usage; as=odd')).toThrow('Known: text, negative, huge, null');
});

test('the socket dies before the headers', async () => {
  const error = await failure(openai.chat.completions.create(chat, { ...once, ...fault('disconnect') }));
  expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
  expect(last()).toMatchObject({ outcome: 'broken', status: undefined, consumed: undefined });
});

test('the socket dies in the middle of a stream, after the events that were asked for', async () => {
  const stream = await openai.chat.completions.create(streamed, fault('disconnect; after=3'));
  let seen = 0;
  const error = await failure(
    (async () => {
      for await (const _ of stream) seen++;
    })(),
  );
  expect(error.message).toMatch(/terminated|aborted|closed/i);
  expect(seen).toBe(3);
  expect(last()).toMatchObject({ outcome: 'broken', chunks: { sent: 3 } });
  expect(server.served().totals).toMatchObject({ broken: 1, completed: 0, usage: { output: 0 } });
});

test('the socket dies in the middle of a JSON body', async () => {
  await failure(openai.chat.completions.create(chat, { ...once, ...fault('disconnect; after=1') }));
  expect(last()).toMatchObject({ outcome: 'broken', status: 200 });
});

test('an error inside a stream', async () => {
  const error = await failure(all(await openai.chat.completions.create(streamed, fault('error-event; after=2'))));
  expect(error).toBeInstanceOf(OpenAI.APIError);
  expect(error).toMatchObject({ status: undefined, type: 'server_error' });
  expect(last()).toMatchObject({ outcome: 'broken', chunks: { sent: 2 } });
});

test('no answer until the client gives up', async () => {
  const error = await failure(openai.chat.completions.create(chat, { ...once, timeout: 50, ...fault('hang') }));
  expect(error).toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
  await server.idle();
  expect(last()).toMatchObject({ outcome: 'canceled', status: undefined, chunks: { sent: 0 } });
});

test('a stream that stops without ending, until the client gives up', async () => {
  const stream = await openai.chat.completions.create(streamed, fault('hang; after=2'));
  setTimeout(() => stream.controller.abort(), 50);
  expect(await all(stream)).toHaveLength(2);
  await server.idle();
  expect(last()).toMatchObject({ outcome: 'canceled', chunks: { sent: 2 } });
});

test('a client that leaves is seen, with the events that it was sent', async () => {
  const stream = await openai.chat.completions.create(streamed, {
    headers: { 'x-fake-plan': JSON.stringify({ chunkDelayMs: 20, chunks: 30 }) },
  });
  for await (const _ of stream) break;
  await server.idle();
  expect(last().outcome).toBe('canceled');
  expect(last().chunks.sent).toBeGreaterThan(0);
  expect(last().chunks.sent).toBeLessThan(last().chunks.total);
});

test('old hosts refuse stream_options', async () => {
  const options = fault('reject-stream-options');
  await all(await openai.chat.completions.create(streamed, options));
  const asked = openai.chat.completions.create({ ...streamed, stream_options: { include_usage: true } }, options);
  expect((await failure(asked)).message).toContain('stream_options');
});

test('a body without usage, and a stream without its last chunk', async () => {
  const body = await openai.chat.completions.create(chat, fault('no-usage'));
  expect(body.usage).toBeUndefined();
  expect(last()).toMatchObject({ usage: undefined, consumed: { input: LONG.length / 4 } });
  const options = { ...streamed, stream_options: { include_usage: true } };
  const chunks = await all(await openai.chat.completions.create(options, fault('no-usage')));
  expect(chunks.every((chunk) => chunk.choices.length === 1)).toBe(true);
});

test.each([
  ['text', (value: unknown) => typeof value === 'string'],
  ['negative', (value: unknown) => typeof value === 'number' && value < 0],
  ['huge', (value: unknown) => typeof value === 'number' && value > Number.MAX_SAFE_INTEGER],
  ['null', (value: unknown) => value === null],
])('usage with %s numbers', async (as, holds) => {
  const { usage } = await openai.chat.completions.create(chat, fault(`bad-usage; as=${as}`));
  expect(holds(usage?.prompt_tokens)).toBe(true);
  expect(holds(usage?.completion_tokens_details?.reasoning_tokens)).toBe(true);
  const events = await all(await anthropic.messages.create({ ...message, stream: true }, fault(`bad-usage; as=${as}`)));
  const delta = events.find((event) => event.type === 'message_delta');
  expect(holds(delta?.type === 'message_delta' ? delta.usage.output_tokens : undefined)).toBe(true);
});

test('half a JSON document', async () => {
  const error = await failure(openai.chat.completions.create(chat, { ...once, ...fault('truncated') }));
  expect(error.message).toMatch(/JSON/);
  expect(last()).toMatchObject({ outcome: 'broken', status: 200 });
  expect((await failure(all(await openai.chat.completions.create(streamed, fault('truncated'))))).message).toMatch(
    /JSON/,
  );
});

test('latency and spacing take their time', async () => {
  const headers = { 'x-fake-plan': JSON.stringify({ latencyMs: 60, chunkDelayMs: 15, chunks: 4 }) };
  const start = performance.now();
  const stream = await openai.chat.completions.create(streamed, { headers });
  const first = performance.now();
  await all(stream);
  expect(first - start).toBeGreaterThan(55);
  expect(performance.now() - first).toBeGreaterThan(60);
});
