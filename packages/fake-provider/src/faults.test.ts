/** What the SDKs see of each fault, and that the server's own count says the same. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FakeProvider, startFakeProvider } from './server.ts';

let provider: FakeProvider;
let openai: OpenAI;
let anthropic: Anthropic;
beforeAll(async () => {
  provider = await startFakeProvider();
  openai = new OpenAI({ apiKey: 'test', baseURL: provider.openaiBaseUrl, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: 'test', baseURL: provider.anthropicBaseUrl, maxRetries: 0 });
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const messages = [{ role: 'user' as const, content: 'Tell me about meters.' }];
const chat = (fault: string) =>
  openai.chat.completions.create({ model: 'gpt-4o-mini', messages }, { headers: { 'x-fake-fault': fault } });
const chatStream = (fault: string) =>
  openai.chat.completions.create(
    { model: 'gpt-4o-mini', messages, stream: true, stream_options: { include_usage: true } },
    { headers: { 'x-fake-fault': fault } },
  );

async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of stream) count += 1;
  return count;
}

test.each([400, 401, 404, 429, 500, 503, 529])('HTTP %i', async (status) => {
  await expect(chat(String(status))).rejects.toMatchObject({ status });
  const create = anthropic.messages.create(
    { model: 'claude-haiku-4-5', max_tokens: 9, messages },
    { headers: { 'x-fake-fault': String(status) } },
  );
  await expect(create).rejects.toMatchObject({ status });
  expect(provider.served().totals).toMatchObject({ calls: 2, refused: 2, completed: 0 });
});

test('a fault of the first attempts lets the retry succeed, and both are counted as one call', async () => {
  const retrying = openai.withOptions({ maxRetries: 2 });
  const headers = { 'x-fake-fault': '429; retry-after=0.01; first=2' };
  await retrying.chat.completions.create({ model: 'gpt-4o-mini', messages }, { headers });
  expect(provider.served().totals).toMatchObject({ calls: 1, attempts: 3, refused: 2, completed: 1 });
});

test.each(['disconnect; after=2', 'error-event; after=2', 'truncated'])('%s breaks a stream', async (fault) => {
  await expect(chatStream(fault).then(drain)).rejects.toThrow();
  await provider.idle();
  expect(provider.served().entries[0]?.outcome).toBe('broken');
});

test('a dead socket before the headers is a connection error', async () => {
  await expect(chat('disconnect')).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
});

test('a hang lasts until the client gives up', async () => {
  await expect(
    openai
      .withOptions({ timeout: 50 })
      .chat.completions.create({ model: 'gpt-4o-mini', messages }, { headers: { 'x-fake-fault': 'hang' } }),
  ).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
  await provider.idle();
  expect(provider.served().entries[0]?.outcome).toBe('canceled');
});

test('an answer without usage has none, and a distorted one is no number that counts', async () => {
  expect(await chat('no-usage')).not.toHaveProperty('usage');
  expect((await chat('bad-usage; as=negative')).usage?.prompt_tokens).toBeLessThan(0);
});

test('a host that rejects stream_options rejects them only', async () => {
  await expect(chatStream('reject-stream-options')).rejects.toMatchObject({ status: 400 });
  expect(await chat('reject-stream-options')).toHaveProperty('id');
});

test('an unknown fault is told to whoever asked for it', () => {
  expect(() => provider.next({ fault: 'earthquake' })).toThrow(/Unknown fault "earthquake"/);
});

test('the sums are those of the bodies that the SDKs received', async () => {
  let input = 0;
  let output = 0;
  for (let call = 0; call < 5; call++) {
    const answer = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
    input += answer.usage?.prompt_tokens ?? 0;
    output += answer.usage?.completion_tokens ?? 0;
    const message = await anthropic.messages
      .stream({ model: 'claude-haiku-4-5', max_tokens: 99, messages })
      .finalMessage();
    const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens } = message.usage;
    input += input_tokens + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0);
    output += output_tokens;
  }
  expect(provider.served().totals).toMatchObject({ calls: 10, usage: { input, output } });
});

test('the same seed gives the same answers', async () => {
  const other = await startFakeProvider();
  try {
    const twin = new OpenAI({ apiKey: 'test', baseURL: other.openaiBaseUrl });
    const ask = (client: OpenAI) => client.chat.completions.create({ model: 'gpt-4o-mini', messages });
    expect((await ask(twin)).choices).toEqual((await ask(openai)).choices);
  } finally {
    await other.close();
  }
});
