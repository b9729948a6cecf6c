import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { GOOGLE_GENAI_MAJORS, type Lab, loadSdk, openLab, untilCollected } from '../../testing/lab.ts';

interface Interaction {
  readonly id: string;
  readonly status: string;
  readonly usage?: { readonly total_input_tokens?: number };
}

interface Client {
  readonly interactions: {
    create(params: object, options?: object): Promise<Interaction & AsyncIterable<{ event_type: string }>>;
    get(id: string): Promise<Interaction>;
  };
}

const REQUEST = { model: 'gemini-2.5-flash', input: 'Hello meter.' };
const plan = (value: object): object => ({ headers: { 'x-fake-plan': JSON.stringify(value) } });

let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
  // 1.x says once that interactions are experimental.
  vi.spyOn(console, 'warn').mockReturnValue();
});
afterAll(() => lab.close());

/** 1.20 has none yet. */
const WITH_INTERACTIONS = GOOGLE_GENAI_MAJORS.filter((folder) => folder !== 'google-genai-1.20');

describe.each(WITH_INTERACTIONS)('%s', (folder) => {
  const GoogleGenAI = loadSdk<Client>(folder);
  const open = (): Client => {
    lab.begin();
    return new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: lab.provider.geminiBaseUrl } });
  };

  test('an answer is one record; its output has the thoughts', async () => {
    const answer = await open().interactions.create(
      { ...REQUEST, generation_config: { temperature: 0.5, max_output_tokens: 200 } },
      plan({ usage: { input: 100, output: 80, reasoning: 30 } }),
    );
    const record = await lab.record();
    expect(lab.records).toHaveLength(1);
    expect(record).toMatchObject({
      provider: 'gcp.gemini',
      operation: 'generate_content',
      requestModel: REQUEST.model,
      responseId: answer.id,
      finishReasons: ['completed'],
      outcome: 'completed',
      serverAddress: '127.0.0.1',
      usage: { input: 100, output: 80, reasoning: 30 },
      cost: { status: 'priced' },
    });
    expect(record.attributes).toMatchObject({ 'gen_ai.request.temperature': 0.5, 'gen_ai.request.max_tokens': 200 });
  });

  test('a stream is one call, with the usage of its last event', async () => {
    const stream = await open().interactions.create({ ...REQUEST, stream: true });
    const types: string[] = [];
    for await (const event of stream) types.push(event.event_type);
    const record = await lab.record();
    expect(types.at(-1)).toBe('interaction.completed');
    expect(lab.records).toHaveLength(1);
    const { input, output } = lab.provider.served().entries[0]?.consumed ?? {};
    expect(record).toMatchObject({ outcome: 'completed', stream: true, usage: { input, output } });
    expect(record).toMatchObject({ serverAddress: '127.0.0.1', provider: 'gcp.gemini', usageSource: 'provider' });
  });

  test('an early break is canceled', async () => {
    const stream = await open().interactions.create(
      { ...REQUEST, stream: true },
      plan({ chunks: 20, chunkDelayMs: 5 }),
    );
    for await (const event of stream) if (event.event_type === 'step.delta') break;
    expect(await lab.record()).toMatchObject({ outcome: 'canceled', usageSource: 'estimated' });
    expect(lab.records).toHaveLength(1);
  });

  test('a stream that nobody reads is abandoned', async () => {
    const client = open();
    // Node keeps the last answer that it fetched.
    for (let made = 0; made < 4; made += 1) await client.interactions.create({ ...REQUEST, stream: true });
    expect(await untilCollected(() => lab.records[0])).toMatchObject({ outcome: 'abandoned' });
  });

  test.each([false, true])('a refusal costs nothing (stream: %s)', async (stream) => {
    const pending = open().interactions.create({ ...REQUEST, stream }, { headers: { 'x-fake-fault': '400' } });
    await expect(pending).rejects.toMatchObject({ status: 400 });
    expect(await lab.record()).toMatchObject({ outcome: 'failed', errorType: '400', cost: { status: 'free' } });
    expect(lab.records).toHaveLength(1);
  });
});

/** In 1.x the end of such an interaction is not looked for. */
const ASKING = WITH_INTERACTIONS.filter((folder) => folder !== 'google-genai-1');

test.each(ASKING)('%s: one in the background is one call, however often it is asked for', async (folder) => {
  lab.begin();
  const GoogleGenAI = loadSdk<Client>(folder);
  const client = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: lab.provider.geminiBaseUrl } });
  const { id, status } = await client.interactions.create({ ...REQUEST, background: true }, plan({ polls: 1 }));
  expect(status).toBe('in_progress');
  expect((await client.interactions.get(id)).status).toBe('in_progress');
  expect(lab.records).toEqual([]);
  for (let asked = 0; asked < 2; asked += 1) expect((await client.interactions.get(id)).status).toBe('completed');
  const { input, output } = lab.provider.served().entries[0]?.consumed ?? {};
  expect(lab.records).toHaveLength(1);
  expect(lab.records[0]).toMatchObject({ responseId: id, outcome: 'completed', usage: { input, output } });
});
