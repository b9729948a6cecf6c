import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { METERS, SNAPSHOTS, startFakeProvider } from './index.ts';
import { all, bench, failure } from './testing.ts';

const { server, openai, anthropic, gemini } = await bench();

/** Adds the numbers that a client received. */
class Sum {
  readonly total: Record<string, number> = Object.fromEntries(METERS.map((meter) => [meter, 0]));

  add(part: Record<string, number | null | undefined>): void {
    for (const [meter, value] of Object.entries(part)) this.total[meter] = (this.total[meter] ?? 0) + (value ?? 0);
  }

  openai(usage: OpenAI.CompletionUsage | null | undefined): void {
    this.add({
      input: usage?.prompt_tokens,
      output: usage?.completion_tokens,
      cacheRead: usage?.prompt_tokens_details?.cached_tokens,
      reasoning: usage?.completion_tokens_details?.reasoning_tokens,
    });
  }

  anthropic(usage: Anthropic.Usage): void {
    const { ephemeral_5m_input_tokens: short = 0, ephemeral_1h_input_tokens: long = 0 } = usage.cache_creation ?? {};
    this.add({
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + short + long,
      output: usage.output_tokens,
      cacheRead: usage.cache_read_input_tokens,
      cacheWrite5m: short,
      cacheWrite1h: long,
      reasoning: usage.output_tokens_details?.thinking_tokens,
    });
  }
}

test('what was served is the sum of what the SDKs received, whatever went wrong on the way', async () => {
  const sum = new Sum();
  const failed = [];
  for (let round = 0; round < 10; round++) {
    const messages = [{ role: 'user' as const, content: `${round} `.repeat(800 * round + 1) }];
    const chat = { model: 'gpt-5', messages };
    sum.openai((await openai.chat.completions.create(chat)).usage);
    const options = { ...chat, stream: true as const, stream_options: { include_usage: true } };
    for await (const chunk of await openai.chat.completions.create(options)) sum.openai(chunk.usage);
    const system = [
      { type: 'text' as const, text: messages[0]?.content ?? '', cache_control: { type: 'ephemeral' as const } },
    ];
    const message = { model: 'claude-haiku-4-5', max_tokens: 64, system, messages };
    server.next({ fault: '529; retry-after=0.001' });
    sum.anthropic((await anthropic.messages.create(message)).usage);
    sum.anthropic((await anthropic.messages.stream(message).finalMessage()).usage);
    const { usageMetadata } = await gemini.models.generateContent({
      model: 'gemini-2.5-pro',
      contents: messages[0]?.content ?? '',
    });
    const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, cachedContentTokenCount } = usageMetadata ?? {};
    sum.add({
      input: promptTokenCount,
      output: (candidatesTokenCount ?? 0) + (thoughtsTokenCount ?? 0),
      cacheRead: cachedContentTokenCount,
      reasoning: thoughtsTokenCount,
    });
    server.next({ fault: 'disconnect; after=2' });
    failed.push(await failure(all(await openai.chat.completions.create({ ...chat, stream: true }))));
  }
  const { totals, entries } = server.served();
  expect(totals.usage).toEqual(sum.total);
  expect(totals).toMatchObject({ calls: 60, attempts: 70, completed: 50, refused: 10, broken: 10, canceled: 0 });
  expect(failed).toHaveLength(10);
  expect(totals.usage.cacheRead * totals.usage.cacheWrite5m * totals.usage.reasoning).toBeGreaterThan(0);
  const models = Object.values(totals.byModel);
  for (const meter of METERS) {
    expect(models.reduce((total, model) => total + model.usage[meter], 0)).toBe(totals.usage[meter]);
  }
  expect(Object.keys(totals.byModel).sort()).toEqual([
    'claude-haiku-4-5-20251001',
    'gemini-2.5-pro',
    'gpt-5-2025-08-07',
  ]);
  expect(entries.map((entry) => entry.index)).toEqual(entries.map((_, index) => index));
});

describe.each(['openai-4', 'openai-5', 'openai-6', 'openai-7'])('%s', (folder) => {
  const Client = older<typeof OpenAI>(folder, 'openai');
  const client = new Client({ apiKey: 'k', baseURL: server.openaiBaseUrl });
  const chat = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'hi' }] };

  test('bodies, streams, retries and errors', async () => {
    expect((await client.chat.completions.create(chat)).usage?.prompt_tokens).toBe(1);
    const stream = { ...chat, stream: true as const, stream_options: { include_usage: true } };
    expect((await all(await client.chat.completions.create(stream))).at(-1)?.usage).toBeTruthy();
    expect((await client.responses.create({ model: 'gpt-5', input: 'hi' })).output_text).toMatch(/\w/);
    const final = await client.responses.stream({ model: 'gpt-5', input: 'hi' }).finalResponse();
    expect(final.usage?.input_tokens).toBe(1);
    const embedded = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'hi' });
    expect(embedded.data[0]?.embedding).toHaveLength(1536);
    server.next({ fault: '429; retry-after=0.001' }, {}, { fault: '401' });
    await client.chat.completions.create(chat);
    expect(await failure(client.chat.completions.create(chat))).toMatchObject({ status: 401 });
    expect(server.served().totals).toMatchObject({ calls: 7, attempts: 8, completed: 6, refused: 2 });
  });
});

describe.each(['anthropic-0.30', 'anthropic-0', 'anthropic-1'])('%s', (folder) => {
  const Client = older<typeof Anthropic>(folder, '@anthropic-ai/sdk');
  const client = new Client({ apiKey: 'k', baseURL: server.anthropicBaseUrl });
  const message = { model: 'claude-haiku-4-5', max_tokens: 50, messages: [{ role: 'user' as const, content: 'hi' }] };

  test('bodies, streams, retries and errors', async () => {
    expect((await client.messages.create(message)).usage.input_tokens).toBe(1);
    const final = await client.messages.stream(message).finalMessage();
    expect(final.usage.output_tokens).toBe(server.served().entries.at(-1)?.consumed?.output);
    server.next({ fault: '529; retry-after=0.001' }, {}, { fault: '401' });
    await client.messages.create(message);
    expect(await failure(client.messages.create(message))).toMatchObject({ status: 401 });
    expect(server.served().totals).toMatchObject({ calls: 4, attempts: 5, completed: 3, refused: 2 });
  });
});

test('rates hit about as often as they say, and the same calls each time', async () => {
  const rated = { faultRates: { 'bad-usage; as=null': 0.2, '500': 0.1 }, seed: 7 };
  const runs: (string | undefined)[][] = [];
  for (let run = 0; run < 2; run++) {
    const other = await startFakeProvider(rated);
    for (let index = 0; index < 100; index++) await post(`${other.url}/v1/moderations`, { input: 'same' });
    runs.push(other.served().entries.map((entry) => entry.fault));
    await other.close();
  }
  expect(runs[1]).toEqual(runs[0]);
  const count = (kind: string): number => runs[0]?.filter((fault) => fault === kind).length ?? 0;
  expect(count('bad-usage')).toBeGreaterThan(8);
  expect(count('bad-usage')).toBeLessThan(35);
  expect(count('status')).toBeGreaterThan(2);
  expect(count('status')).toBeLessThan(22);
  await expect(startFakeProvider({ faultRates: { nonsense: 0.1 } })).rejects.toThrow('Unknown fault');
});

test('only the last requests keep their headers and bodies, only the last entries are kept, sums go on', async () => {
  const small = await startFakeProvider({ keepRequests: 2, keepEntries: 3 });
  for (let index = 0; index < 5; index++) await post(`${small.url}/v1/embeddings`, { model: 'm', input: `${index}` });
  const { entries, totals } = small.served();
  expect(entries.map((entry) => [entry.index, entry.body])).toEqual([
    [2, undefined],
    [3, { model: 'm', input: '3' }],
    [4, { model: 'm', input: '4' }],
  ]);
  expect(totals).toMatchObject({ calls: 5, completed: 5, usage: { input: 5 } });
  await small.close();
});

test('over HTTP: what was served, plans, reset', async () => {
  await post(`${server.url}/__fake/next`, { usage: { input: 42 } });
  await post(`${server.url}/v1/embeddings`, { model: 'm', input: 'x' });
  const served = await (await fetch(`${server.url}/__fake/served`)).json();
  expect(served).toEqual(JSON.parse(JSON.stringify(server.served())));
  expect(served).toMatchObject({ totals: { calls: 1, usage: { input: 42 } } });
  expect((await post(`${server.url}/__fake/next`, { fault: 'odd' })).status).toBe(400);
  await fetch(`${server.url}/__fake/served`, { method: 'DELETE' });
  expect(server.served().totals.calls).toBe(0);
  expect((await fetch(`${server.url}/v2/other`)).status).toBe(404);
});

test('models can be aliased as a test likes; built-in aliases are dated', async () => {
  const other = await startFakeProvider({ models: { 'gpt-4o': 'gpt-4o-2024-05-13' } });
  const body = await (await post(`${other.url}/v1/embeddings`, { model: 'gpt-4o', input: 'x' })).json();
  expect(body).toMatchObject({ model: 'gpt-4o-2024-05-13' });
  await other.close();
  for (const [alias, snapshot] of Object.entries(SNAPSHOTS)) expect(snapshot.startsWith(`${alias}-`)).toBe(true);
});

test('close() ends open sockets', async () => {
  const other = await startFakeProvider();
  other.next({ fault: 'hang' });
  const waiting = failure(post(`${other.url}/v1/embeddings`, { model: 'm', input: 'x' }));
  while (other.served().entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await other.close();
  expect((await waiting).message).toMatch(/fetch failed/);
});

test('a taken port is an error', async () => {
  await expect(startFakeProvider({ port: server.port })).rejects.toThrow('EADDRINUSE');
});

describe('the command', () => {
  const cli = fileURLToPath(new URL('cli.ts', import.meta.url));

  test('prints its addresses in one line, serves, and ends at a signal', async () => {
    const child = spawn(process.execPath, [
      cli,
      '--latency',
      '1',
      '--seed',
      '3',
      '--fault-rate',
      '503; retry-after=9=1',
    ]);
    const [line] = await once(child.stdout, 'data');
    const { openaiBaseUrl } = JSON.parse(String(line));
    const answer = await post(`${openaiBaseUrl}/moderations`, { input: 'x' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '9']);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  test.each([
    ['--port', 'many', '--port many: not a number'],
    ['--fault-rate', '42=0.1', 'Unknown fault "42"'],
    ['--fault-rate', '429', 'not a number from 0 to 1'],
    ['--nonsense', '1', "Unknown option '--nonsense'"],
  ])('refuses %s %s with exit code 2', async (name, value, message) => {
    const run = failure(promisify(execFile)(process.execPath, [cli, name, value]));
    expect(await run).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

function older<Sdk>(folder: string, name: string): Sdk {
  const base = new URL(`../../instrumentation/sdks/${folder}/package.json`, import.meta.url);
  return createRequire(base)(name) as Sdk;
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}
