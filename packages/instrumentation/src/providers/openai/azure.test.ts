import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, loadSdk, OPENAI_MAJORS, openLab } from '../../testing/lab.ts';

interface Client {
  readonly chat: { readonly completions: { create(params: object): Promise<AsyncIterable<unknown>> } };
  readonly embeddings: { create(params: object): Promise<unknown> };
  readonly images: { generate(params: object): Promise<unknown> };
}

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const CHAT = { messages: [{ role: 'user', content: 'Hello meter.' }] };

describe.each(OPENAI_MAJORS)('AzureOpenAI of %s', (folder) => {
  const AzureOpenAI = loadSdk<Client>(folder, 'AzureOpenAI');
  const open = (options: object = {}): Client => {
    lab.begin();
    const endpoint = lab.provider.url;
    return new AzureOpenAI({ apiKey: 'test', apiVersion: '2024-10-21', endpoint, maxRetries: 0, ...options });
  };
  const path = (): string | undefined => lab.provider.served().entries[0]?.path;

  test('the deployment is the model that was asked, and the price is that of the model that answered', async () => {
    const fixed = { headers: { 'x-fake-plan': JSON.stringify({ model: 'gpt-4o-mini-2024-07-18' }) } };
    const client = open({ defaultHeaders: fixed.headers });
    await client.chat.completions.create({ ...CHAT, model: 'my-deployment' });
    expect(path()).toBe('/openai/deployments/my-deployment/chat/completions');
    const record = await lab.record();
    expect(record).toMatchObject({
      provider: 'azure.ai.openai',
      requestModel: 'my-deployment',
      responseModel: 'gpt-4o-mini-2024-07-18',
      cost: { status: 'priced', rowId: 'azure/gpt-4o-mini' },
    });
  });

  test('a stream is counted, and so is a client with one deployment', async () => {
    const client = open({ deployment: 'fixed', defaultHeaders: { 'x-fake-plan': '{"model":"gpt-4o-mini"}' } });
    for await (const chunk of await client.chat.completions.create({ ...CHAT, model: 'fixed', stream: true }))
      expect(chunk).toBeTruthy();
    const consumed = lab.provider.served().entries[0]?.consumed;
    expect(await lab.record()).toMatchObject({
      provider: 'azure.ai.openai',
      usageSource: 'provider',
      usage: { input: consumed?.input, output: consumed?.output },
    });
  });

  test('images and embeddings go to their deployments', async () => {
    const client = open();
    await client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hello.' });
    await client.images.generate({ model: 'gpt-image-1', prompt: 'A meter.' });
    expect(lab.records.map(({ provider, requestModel }) => [provider, requestModel])).toEqual([
      ['azure.ai.openai', 'text-embedding-3-small'],
      ['azure.ai.openai', 'gpt-image-1'],
    ]);
  });
});
