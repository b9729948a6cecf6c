/** Vertex AI by the same SDK, and pictures. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GOOGLE_GENAI_MAJORS, type Lab, loadSdk, openLab } from '../../testing/lab.ts';

interface Client {
  readonly models: {
    generateContent(params: object): Promise<{ usageMetadata?: { trafficType?: string } }>;
    generateContentStream(params: object): Promise<AsyncGenerator>;
    embedContent(params: object): Promise<unknown>;
    generateImages(params: object): Promise<{ generatedImages?: readonly object[] }>;
  };
}

let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe.each(GOOGLE_GENAI_MAJORS)('%s', (folder) => {
  const GoogleGenAI = loadSdk<Client>(folder);
  const open = (options: object = { vertexai: true }): Client => {
    lab.begin();
    return new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: lab.provider.geminiBaseUrl }, ...options });
  };

  test("content is Vertex's, by whatever name the model is called", async () => {
    const client = open();
    const models = ['gemini-2.5-flash', 'publishers/google/models/gemini-2.5-flash', 'google/gemini-2.5-flash'];
    for (const model of models) await client.models.generateContent({ model, contents: 'Hello.' });
    for await (const _ of await client.models.generateContentStream({ model: models[0], contents: 'Hello.' }));
    expect(lab.records).toHaveLength(4);
    for (const record of lab.records)
      expect(record).toMatchObject({ provider: 'gcp.vertex_ai', outcome: 'completed', cost: { status: 'priced' } });
    expect(lab.records.slice(0, 2).map(({ requestModel }) => requestModel)).toEqual([models[0], models[0]]);
  });

  test('a regional host says that it is Vertex, and where the call would have gone', async () => {
    const client = open({ httpOptions: { baseUrl: 'https://europe-west4-aiplatform.googleapis.com' } });
    const abortSignal = AbortSignal.abort();
    await expect(
      client.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hello.', config: { abortSignal } }),
    ).rejects.toThrow();
    expect(await lab.record()).toMatchObject({
      provider: 'gcp.vertex_ai',
      serverAddress: 'europe-west4-aiplatform.googleapis.com',
      serverPort: 443,
    });
  });

  test('a base URL of a single request counts', async () => {
    const url = new URL(lab.provider.geminiBaseUrl);
    const client = open({ httpOptions: { baseUrl: 'http://elsewhere.test' } });
    const config = { httpOptions: { baseUrl: url.origin } };
    await client.models.generateContent({ model: 'gemini-2.5-flash', contents: 'Hello.', config });
    expect(await lab.record()).toMatchObject({ serverAddress: url.hostname, serverPort: Number(url.port) });
  });

  test('embeddings count the tokens of each text', async () => {
    await open().models.embedContent({ model: 'text-embedding-005', contents: ['12345678', '1234'] });
    expect(await lab.record()).toMatchObject({
      provider: 'gcp.vertex_ai',
      operation: 'embeddings',
      usage: { input: 3 },
    });
  });

  test('pictures of Imagen are counted', async () => {
    const answer = await open().models.generateImages({
      model: 'imagen-4.0-generate-001',
      prompt: 'A meter',
      config: { numberOfImages: 3 },
    });
    const record = await lab.record();
    expect(record).toMatchObject({ requestModel: 'imagen-4.0-generate-001', usage: { images: 3 } });
    expect(answer.generatedImages).toHaveLength(3);
    expect(record.attributes).toMatchObject({ 'gen_ai.output.type': 'image', 'gen_ai.request.choice.count': 3 });
  });

  test('pictures out of generated content are output tokens of their own price', async () => {
    const client = open({});
    const request = { model: 'gemini-2.5-flash-image', contents: 'A meter', config: { responseModalities: ['IMAGE'] } };
    const plan = { headers: { 'x-fake-plan': JSON.stringify({ usage: { input: 10, output: 1290 } }) } };
    await client.models.generateContent({ ...request, config: { ...request.config, httpOptions: plan } });
    const record = await lab.record();
    expect(record).toMatchObject({ usage: { input: 10, output: 1290, imageOutput: 1290 }, cost: { status: 'priced' } });
    expect(record.attributes).toMatchObject({ 'gen_ai.output.type': 'image' });
  });
});
