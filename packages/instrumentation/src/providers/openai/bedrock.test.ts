/** OpenAI's models on Amazon Bedrock, by the SDK's own client for it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, openLab } from '../../testing/lab.ts';

interface Client {
  readonly chat: { readonly completions: { create(params: object): Promise<AsyncIterable<unknown>> } };
  readonly responses: { create(params: object): Promise<AsyncIterable<unknown>> };
}

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe.each(['openai-6', 'openai-7'] as const)('BedrockOpenAI of %s', (folder) => {
  const BedrockOpenAI = loadSdk<Client>(folder, 'BedrockOpenAI');
  const model = 'openai.gpt-oss-120b-1:0';
  const open = (): Client => {
    lab.begin();
    return new BedrockOpenAI({ apiKey: 'test', baseURL: `${lab.provider.url}/openai/v1`, maxRetries: 0 });
  };
  const chat = { model, messages: [{ role: 'user', content: 'Hello meter.' }] };

  test.each([
    ['chat', (client: Client) => client.chat.completions.create(chat)],
    ['a chat stream', async (client: Client) => drain(await client.chat.completions.create({ ...chat, stream: true }))],
    ['responses', (client: Client) => client.responses.create({ model, input: 'Hello meter.' })],
  ])('%s: the provider is Bedrock, and so is the price', async (_, run) => {
    await run(open());
    const record = await lab.record();
    const consumed = lab.provider.served().entries[0]?.consumed;
    expect(lab.records).toHaveLength(1);
    expect(record).toMatchObject({
      provider: 'aws.bedrock',
      requestModel: model,
      outcome: 'completed',
      usageSource: 'provider',
      usage: { input: consumed?.input, output: consumed?.output },
      cost: { status: 'priced' },
    });
    // $0.15 and $0.60 per million.
    expect(record.cost.usd).toBeCloseTo(((consumed?.input ?? 0) * 0.15 + (consumed?.output ?? 0) * 0.6) / 1e6, 12);
  });
});
