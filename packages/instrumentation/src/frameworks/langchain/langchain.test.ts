/** Chat models that call no SDK: they are counted from what LangChain gives. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { withFeature } from '../../attribution/index.ts';
import { instrument } from '../../patching/packages.ts';
import { type Lab, openLab } from '../../testing/lab.ts';

const load = createRequire(join(import.meta.dirname, '../../../sdks/langchain-1/package.json'));

interface Model {
  invoke(input: string, config?: object): Promise<{ content: unknown }>;
  batch(inputs: string[], config?: object): Promise<unknown[]>;
  generate(messages: unknown[][]): Promise<unknown>;
  stream(input: string, config?: object): Promise<AsyncIterable<{ content: unknown }>>;
}

let lab: Lab;
let make: (fields?: object) => Model;

beforeAll(async () => {
  lab = await openLab();
  for (const path of ['singletons', 'language_models/chat_models', 'language_models/llms']) {
    instrument(load(`@langchain/core/${path}`));
  }
  const { BaseChatModel }: { BaseChatModel: new (fields: object) => object } = load(
    '@langchain/core/language_models/chat_models',
  );
  const { AIMessage, AIMessageChunk } = load('@langchain/core/messages');
  const { ChatGenerationChunk } = load('@langchain/core/outputs');
  const ask = async (messages: readonly { content: unknown }[], stream: boolean) => {
    const body = {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      stream,
      messages: [{ role: 'user', content: String(messages[0]?.content) }],
    };
    const response = await fetch(`${lab.provider.url}/v1/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': 'x',
        ...(messages[0]?.content === 'refuse' ? { 'x-fake-fault': '429' } : {}),
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw Object.assign(new Error('refused'), { status: response.status });
    return response;
  };
  const usageOf = (usage: Record<string, number>) => {
    const {
      input_tokens = 0,
      output_tokens = 0,
      cache_read_input_tokens: cache_read = 0,
      cache_creation_input_tokens: cache_creation = 0,
    } = usage;
    const input = input_tokens + cache_read + cache_creation;
    return {
      input_tokens: input,
      output_tokens,
      total_tokens: input + output_tokens,
      input_token_details: { cache_read, cache_creation },
    };
  };
  /** A model that somebody wrote over `fetch`. */
  class OwnModel extends BaseChatModel {
    _llmType() {
      return 'own';
    }
    getLsParams() {
      return { ls_provider: 'anthropic', ls_model_name: 'claude-sonnet-4-5', ls_model_type: 'chat' };
    }
    async _generate(messages: { content: unknown }[]) {
      const answer = (await (await ask(messages, false)).json()) as {
        id: string;
        model: string;
        stop_reason: string;
        usage: Record<string, number>;
      };
      const { id, model, stop_reason } = answer;
      const message = new AIMessage({
        id,
        content: 'Hello.',
        usage_metadata: usageOf(answer.usage),
        response_metadata: { model, stop_reason },
      });
      return { generations: [{ text: 'Hello.', message }] };
    }
    async *_streamResponseChunks(messages: { content: unknown }[]) {
      const answer = (await (await ask(messages, false)).json()) as { usage: Record<string, number> };
      const { output_tokens, ...input } = usageOf(answer.usage);
      const parts = [
        { usage_metadata: { ...input, output_tokens: 0 } },
        {},
        { usage_metadata: { input_tokens: 0, output_tokens, total_tokens: output_tokens } },
      ];
      for (const part of parts)
        yield new ChatGenerationChunk({
          text: 'Hello. ',
          message: new AIMessageChunk({ content: 'Hello. ', ...part }),
        });
    }
  }
  make = (fields = {}) => new OwnModel(fields) as unknown as Model;
});
afterAll(() => lab.close());
beforeEach(() => lab.begin());

const served = (at = 0) => lab.provider.served().entries[at]?.consumed;

test('an answer is a call, at the provider’s count', async () => {
  await make().invoke('hi', { metadata: { feature: 'search' } });
  const record = await lab.record();
  expect(record).toMatchObject({
    provider: 'anthropic',
    requestModel: 'claude-sonnet-4-5',
    responseModel: expect.stringMatching(/^claude-sonnet-4-5-\d+$/),
    finishReasons: ['end_turn'],
    outcome: 'completed',
    usageSource: 'provider',
    cost: { status: 'priced' },
    attribution: { feature: 'search' },
  });
  expect(record.usage).toMatchObject({ input: served()?.input, output: served()?.output });
  expect(lab.records).toHaveLength(1);
});

test('a stream is one call, its parts of usage added up', async () => {
  for await (const _ of await make().stream('hi', { tags: ['feature:stream'] }));
  const record = await lab.record();
  expect(record).toMatchObject({ stream: true, outcome: 'completed', attribution: { feature: 'stream' } });
  expect(record.usage).toMatchObject({ input: served()?.input, output: served()?.output });
  expect(lab.records).toHaveLength(1);
});

test('a stream that the app leaves is canceled and estimated', async () => {
  for await (const _ of await make().stream('hi')) break;
  expect(await lab.record()).toMatchObject({
    outcome: 'canceled',
    usageSource: 'estimated',
    cost: { status: 'estimated' },
  });
});

test('a model that may not stream answers in one call', async () => {
  for await (const _ of await Object.assign(make(), { disableStreaming: true }).stream('hi'));
  expect(lab.records.map(({ stream }) => stream)).toEqual([false]);
});

test('several prompts are several calls, and the cache makes none', async () => {
  await make().generate([[{ role: 'user', content: 'one' }], [{ role: 'user', content: 'two' }]]);
  expect(lab.records.map(({ usage }) => usage?.output)).toEqual([served(0)?.output, served(1)?.output]);
  lab.begin();
  const cached = make({ cache: true });
  await cached.invoke('again');
  await cached.invoke('again');
  expect(lab.records).toHaveLength(1);
});

test('a refusal is a failed call that costs nothing', async () => {
  const model = make({ maxRetries: 0 });
  await expect(model.invoke('refuse')).rejects.toThrow('refused');
  expect(await lab.record()).toMatchObject({ outcome: 'failed', errorType: '429', cost: { status: 'free' } });
});

test('what the app says wins over the config, and key by key', async () => {
  await withFeature('own', () => make().invoke('hi', { metadata: { feature: 'config', user_id: 7 } }));
  expect((await lab.record()).attribution).toMatchObject({ feature: 'own', user: '7' });
});
