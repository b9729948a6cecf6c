import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, loadSdk, OPENAI_MAJORS, openLab } from '../../testing/lab.ts';

interface Client {
  readonly images: Record<'generate' | 'edit' | 'createVariation', (params: object) => Promise<unknown>>;
  readonly audio: {
    readonly speech: { create(params: object): Promise<Response> };
    readonly transcriptions: { create(params: object): Promise<unknown> };
    readonly translations: { create(params: object): Promise<unknown> };
  };
  readonly moderations: { create(params: object): Promise<unknown> };
}

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const IMAGE = { model: 'gpt-image-1', prompt: 'A meter at dawn.' };
const sound = (): File => new File(['no real sound'], 'speech.mp3', { type: 'audio/mpeg' });
const picture = (): File => new File(['no real picture'], 'picture.png', { type: 'image/png' });

async function drain(stream: unknown): Promise<number> {
  let count = 0;
  for await (const event of stream as AsyncIterable<unknown>) if (event) count += 1;
  return count;
}

describe.each(OPENAI_MAJORS)('%s', (folder) => {
  const OpenAI = loadSdk<Client>(folder);
  const open = (): Client => {
    lab.begin();
    return new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl, maxRetries: 0 });
  };

  test.each([
    ['generate', (client: Client) => client.images.generate(IMAGE)],
    ['edit', (client: Client) => client.images.edit({ ...IMAGE, image: picture() })],
    [
      'createVariation',
      (client: Client) => client.images.createVariation({ model: 'gpt-image-1', image: picture(), n: 2 }),
    ],
  ])('images.%s is counted as the provider counts it, all output as image', async (_, run) => {
    await run(open());
    const record = await lab.record();
    const consumed = lab.provider.served().entries[0]?.consumed;
    expect(record).toMatchObject({
      operation: 'generate_content',
      requestModel: 'gpt-image-1',
      outcome: 'completed',
      usage: { input: consumed?.input, output: consumed?.output, imageOutput: consumed?.output },
      attributes: { 'gen_ai.output.type': 'image' },
    });
    expect(record.cost.status).toBe('priced');
  });

  test('models that are billed by the image are counted by the image', async () => {
    await open().images.generate({ model: 'dall-e-3', prompt: 'A meter.', n: 3 });
    expect(await lab.record()).toMatchObject({ usage: { images: 3 }, cost: { status: 'unpriced' } });
  });

  test('speech by character is counted, speech by token is of unknown usage, and the sound is the app’s', async () => {
    const client = open();
    const params = { voice: 'alloy', input: 'Grüße 👋' };
    const response = await client.audio.speech.create({ ...params, model: 'tts-1' });
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
    const spoken = await lab.record();
    expect(spoken).toMatchObject({ usage: { inputCharacters: 7 }, outcome: 'completed', cost: { status: 'priced' } });
    // $15 per million characters
    expect(spoken.cost.usd).toBeCloseTo((7 * 15) / 1e6, 12);
    lab.begin();
    await client.audio.speech.create({ ...params, model: 'gpt-4o-mini-tts' });
    const record = await lab.record();
    expect(record).toMatchObject({ usageSource: 'none', cost: { status: 'usage_unknown' } });
  });

  test('a transcription is counted by its tokens, whole and streamed', async () => {
    const client = open();
    const params = { model: 'gpt-4o-mini-transcribe', file: sound() };
    await client.audio.transcriptions.create(params);
    const first = await lab.record();
    const whole = lab.provider.served().entries[0]?.consumed;
    expect(first.usage).toMatchObject({ input: whole?.input, audioInput: whole?.input, output: whole?.output });
    lab.begin();
    const events = await drain(await client.audio.transcriptions.create({ ...params, stream: true }));
    const second = await lab.record();
    const streamed = lab.provider.served().entries[0]?.consumed;
    expect(events).toBeGreaterThan(1);
    expect(second).toMatchObject({ stream: true, usageSource: 'provider', cost: { status: 'priced' } });
    expect(second.usage).toMatchObject({ input: streamed?.input, output: streamed?.output });
  });

  test('whisper is counted by the second', async () => {
    await open().audio.translations.create({ model: 'whisper-1', file: sound() });
    const record = await lab.record();
    expect(record.usage).toMatchObject({ inputAudioSeconds: 9 });
    // $0.006 a minute
    expect(record.cost.usd).toBeCloseTo((9 * 0.006) / 60, 12);
  });

  test('moderation is free, also where the request names no model', async () => {
    await open().moderations.create({ input: 'Hello.' });
    expect(await lab.record()).toMatchObject({
      operation: 'moderation',
      outcome: 'completed',
      cost: { status: 'free', usd: 0 },
    });
  });
});

// openai 4 returns the raw body where a request for images is a stream: it has no streams of images.
describe.each(OPENAI_MAJORS.filter((folder) => folder !== 'openai-4'))('%s', (folder) => {
  const OpenAI = loadSdk<Client>(folder);

  test('a stream of images is counted by its last event; one that breaks off is of unknown usage', async () => {
    lab.begin();
    const client = new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl, maxRetries: 0 });
    const params = { ...IMAGE, stream: true, partial_images: 2 };
    expect(await drain(await client.images.generate(params))).toBe(3);
    const consumed = lab.provider.served().entries[0]?.consumed;
    expect(await lab.record()).toMatchObject({
      stream: true,
      outcome: 'completed',
      usage: { input: consumed?.input, imageOutput: consumed?.output },
    });
    lab.begin();
    for await (const event of (await client.images.generate(params)) as AsyncIterable<unknown>) if (event) break;
    expect(await lab.record()).toMatchObject({ outcome: 'canceled', cost: { status: 'usage_unknown' } });
  });
});

describe('openai-7', () => {
  const OpenAI = loadSdk<{ readonly decisions: { create(params: object): Promise<unknown> } }>('openai-7');

  test('decisions are counted as the provider counts them', async () => {
    lab.begin();
    const client = new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl, maxRetries: 0 });
    const questions = [{ type: 'predicate', name: 'is_spam', predicate: 'Is this spam?' }];
    await client.decisions.create({ model: 'gpt-6-luna', input: 'Buy meters! '.repeat(400), questions });
    const record = await lab.record();
    const consumed = lab.provider.served().entries[0]?.consumed;
    expect(record).toMatchObject({
      operation: 'chat',
      requestModel: 'gpt-6-luna',
      responseModel: 'gpt-6-luna',
      responseId: undefined,
      outcome: 'completed',
      usage: { input: consumed?.input, output: consumed?.output, cacheRead: consumed?.cacheRead },
      cost: { status: 'priced' },
    });
  });
});

describe.each(['openai-6', 'openai-7'] as const)('%s', (folder) => {
  interface Videos {
    create(params: object): Promise<unknown>;
    extend(params: object): Promise<unknown>;
    remix(id: string, params: object): Promise<unknown>;
  }
  const OpenAI = loadSdk<{ readonly videos: Videos }>(folder);

  test('a video is counted by its seconds, an extension by what it adds, and nobody knows a price', async () => {
    lab.begin();
    const { videos } = new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl, maxRetries: 0 });
    await videos.create({ model: 'sora-2', prompt: 'A meter at dawn.' });
    await videos.create({ model: 'sora-2', prompt: 'A meter at dawn.', seconds: '8' });
    await videos.extend({ video: { id: 'video_1' }, prompt: 'The sun rises.', seconds: '12' });
    await videos.remix('video_1', { prompt: 'In winter.' });
    const { entries } = lab.provider.served();
    expect(lab.records.map(({ usage }) => usage?.videoSeconds)).toEqual([4, 8, 12, 4]);
    for (const [index, record] of lab.records.entries()) {
      expect(record).toMatchObject({
        operation: 'generate_content',
        responseModel: 'sora-2',
        responseId: entries[index]?.responseId,
        outcome: 'completed',
        attributes: { 'gen_ai.output.type': 'video' },
      });
      expect([record.cost.status, record.cost.usd]).toEqual(['unpriced', undefined]);
    }
  });
});
