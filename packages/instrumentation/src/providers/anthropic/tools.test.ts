/** What a model does by tools: the server's own, which cost by use, and the app's, which take rounds. */
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANTHROPIC_MAJORS, drain, type Lab, loadSdk, openLab, until } from '../../testing/lab.ts';

interface ToolUse {
  readonly server_tool_use: { readonly web_search_requests: number; readonly web_fetch_requests: number } | null;
}

interface Messages {
  create(params: object): Promise<{ readonly usage: ToolUse } & AsyncIterable<unknown>>;
  toolRunner?(params: object): AsyncIterable<unknown> & { done(): Promise<unknown> };
  thread?(params: object): Thread;
}

interface Thread {
  send(message: object): Promise<unknown>;
  stream(message: object): AsyncIterable<{ readonly type: string }>;
}

interface Client {
  readonly messages: Messages;
  readonly beta: { readonly messages: Messages };
}

const MESSAGE = { model: 'claude-sonnet-4-5', max_tokens: 200, messages: [{ role: 'user', content: 'What is new?' }] };
const SERVER_TOOLS = [
  { type: 'web_search_20250305', name: 'web_search' },
  { type: 'web_fetch_20250910', name: 'web_fetch' },
  { type: 'code_execution_20250825', name: 'code_execution' },
];

let lab: Lab;
const exporter = new InMemorySpanExporter();
beforeAll(async () => {
  lab = await openLab();
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
afterAll(() => lab.close());

describe.each(ANTHROPIC_MAJORS)('%s', (folder) => {
  const Anthropic = loadSdk<Client>(folder);
  const open = (): Client => {
    lab.begin();
    exporter.reset();
    return new Anthropic({ apiKey: 'test', baseURL: lab.provider.anthropicBaseUrl, maxRetries: 0 });
  };

  test.each([
    ['messages', false],
    ['messages', true],
    ['beta.messages', false],
    ['beta.messages', true],
  ])('searches have a fee beside the tokens, fetches have none: %s, stream %s', async (api, stream) => {
    const client = open();
    const { create } = api === 'messages' ? client.messages : client.beta.messages;
    const owner = api === 'messages' ? client.messages : client.beta.messages;
    const answer = await create.call(owner, { ...MESSAGE, tools: SERVER_TOOLS, stream });
    if (stream) await drain(answer);
    const record = await lab.record();
    const { consumed, usage } = lab.provider.served().entries[0] ?? {};
    const { web_search_requests: searches = 0, web_fetch_requests: fetches = 0 } =
      (usage as ToolUse).server_tool_use ?? {};
    expect([searches, fetches].every((uses) => uses > 0)).toBe(true);
    expect(lab.records).toHaveLength(1);
    expect(record).toMatchObject({
      usage: { input: consumed?.input, output: consumed?.output, webSearches: searches, webFetches: fetches },
      cost: { status: 'priced' },
    });
    // $3 and $15 per million tokens, $10 per thousand searches.
    const tokens = ((consumed?.input ?? 0) * 3 + (consumed?.output ?? 0) * 15) / 1e6;
    expect(record.cost.usd).toBeCloseTo(tokens + searches * 0.01, 12);
    const span = exporter.getFinishedSpans().find(({ name }) => name === `chat ${MESSAGE.model}`);
    expect(span?.attributes).toMatchObject({
      'tokenmeter.usage.webSearches': searches,
      'tokenmeter.usage.webFetches': fetches,
      'tokenmeter.cost.usd': record.cost.usd,
    });
  });

  if (folder === 'anthropic-0.30') return;

  test.each([false, true])('each round of the tool runner is counted once, stream %s', async (stream) => {
    const weather = {
      type: 'custom',
      name: 'weather',
      input_schema: { type: 'object', properties: { city: { type: 'string' } } },
      parse: (input: unknown) => input,
      run: async () => 'sunny',
    };
    const client = open();
    const runner = client.beta.messages.toolRunner?.({ ...MESSAGE, tools: [weather], stream });
    for await (const turn of runner ?? []) if (stream) await drain(turn as AsyncIterable<unknown>);
    await runner?.done();
    await until(() => lab.records[1]);
    const { entries, totals } = lab.provider.served();
    expect([lab.records.length, entries.length]).toEqual([2, 2]);
    expect(lab.records.every(({ outcome, cost }) => outcome === 'completed' && cost.status === 'priced')).toBe(true);
    const sum = (of: 'input' | 'output') => lab.records.reduce((total, { usage }) => total + (usage?.[of] ?? 0), 0);
    expect([sum('input'), sum('output')]).toEqual([totals.usage.input, totals.usage.output]);
  });

  if (folder !== 'anthropic-1') return;

  test('each turn of a thread is counted once, also one that is broken off or refused', async () => {
    const { messages: _, ...params } = MESSAGE;
    const say = (content: string) => ({ role: 'user', content });
    const thread = open().beta.messages.thread?.(params) as Thread;
    await thread.send(say('What is new?'));
    await drain(thread.stream(say('Go on.')));
    lab.provider.next({ chunks: 20, chunkDelayMs: 10 }, { fault: '429' });
    const stream = thread.stream(say('And more.'));
    for await (const { type } of stream) if (type === 'content_block_delta') break;
    await until(() => lab.records[2]);
    await expect(thread.send(say('Still there?'))).rejects.toMatchObject({ status: 429 });
    await until(() => lab.records[3]);
    expect(lab.records.map(({ outcome, stream, cost }) => [outcome, stream, cost.status])).toEqual([
      ['completed', false, 'priced'],
      ['completed', true, 'priced'],
      ['canceled', true, 'estimated'],
      ['failed', false, 'free'],
    ]);
  });
});
