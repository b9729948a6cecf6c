/** Realtime sessions of every supported major, over real WebSockets. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withFeature } from '../../attribution/index.ts';
import { openCallCount } from '../../call/runtime.ts';
import { instrument } from '../../patching/packages.ts';
import { type Lab, loadSdk, openLab, requireFrom, until } from '../../testing/lab.ts';
import { RealtimeSession } from './realtime.ts';
import type { Socket } from './types.ts';

interface Event {
  readonly type: string;
}

interface Realtime {
  readonly url: URL;
  readonly socket: object;
  on(name: string, listener: (event: Event) => void): void;
  send(event: object): void;
  close(): void;
}

type RealtimeClass = new (props: object, client: unknown) => Realtime;

const MODEL = 'gpt-realtime';

/** Majors and where they have their sockets. */
const SOCKETS = [
  ['openai-4', 'openai/beta/realtime/ws', 'OpenAIRealtimeWS'],
  ['openai-5', 'openai/realtime/ws', 'OpenAIRealtimeWS'],
  ['openai-6', 'openai/realtime/ws', 'OpenAIRealtimeWS'],
  ['openai-7', 'openai/realtime/ws', 'OpenAIRealtimeWS'],
  ['openai-5', 'openai/beta/realtime/ws', 'OpenAIRealtimeWS'],
  ['openai-4', 'openai/beta/realtime/websocket', 'OpenAIRealtimeWebSocket'],
  ['openai-7', 'openai/realtime/websocket', 'OpenAIRealtimeWebSocket'],
] as const;

let lab: Lab;
const PlatformSocket = globalThis.WebSocket;

beforeAll(async () => {
  lab = await openLab();
  // The SDK wants `wss:`, the fake provider has no certificate: all else of the platform's socket is as it was.
  globalThis.WebSocket = class extends PlatformSocket {
    constructor(url: string | URL, protocols?: ConstructorParameters<typeof WebSocket>[1]) {
      super(String(url).replace('wss:', 'ws:'), protocols);
    }
  };
});
afterAll(async () => {
  globalThis.WebSocket = PlatformSocket;
  await lab.close();
});

describe.each(SOCKETS)('%s: %s', (folder, path, className) => {
  const OpenAI = loadSdk<unknown>(folder);
  const module = requireFrom(folder)(path) as Record<string, RealtimeClass>;
  instrument(module);
  const Socket = module[className] as RealtimeClass;

  async function open(): Promise<{ session: Realtime; told: Event[]; closed: Promise<unknown> }> {
    lab.begin();
    const client = new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl });
    const options = { createConnection: () => connect(lab.provider.port, '127.0.0.1') };
    const told: Event[] = [];
    const session = withFeature('talk', () => new Socket({ model: MODEL, options }, client));
    session.on('event', (event) => told.push(event));
    const closed = new Promise((resolve) => (session.socket as WebSocket).addEventListener('close', resolve));
    await until(() => told.find(({ type }) => type === 'session.created'));
    return { session, told, closed };
  }

  const served = () => lab.provider.served().entries;

  test('each response is a call with its usage, and the app is told every event', async () => {
    const { session, told } = await open();
    for (const responses of [1, 2]) {
      session.send({ type: 'response.create' });
      await until(() => lab.records[responses - 1]);
    }
    expect(lab.records).toHaveLength(2);
    for (const [index, record] of lab.records.entries()) {
      const { consumed, usage, responseId } = served()[index] ?? {};
      const { input_token_details: heard, output_token_details: spoken } = usage as Record<
        string,
        Record<string, number>
      >;
      expect(record).toMatchObject({
        provider: 'openai',
        operation: 'chat',
        requestModel: MODEL,
        responseModel: MODEL,
        responseId,
        outcome: 'completed',
        stream: true,
        usageSource: 'provider',
        attribution: { feature: 'talk' },
        usage: {
          input: consumed?.input,
          output: consumed?.output,
          audioInput: heard?.audio_tokens,
          audioOutput: spoken?.audio_tokens,
          cacheRead: consumed?.cacheRead,
        },
        attributes: { 'gen_ai.output.type': 'speech' },
        cost: { status: 'priced' },
      });
      expect(record.timeToFirstChunk).toBeLessThanOrEqual(record.duration);
    }
    const events = served().reduce((sum, { chunks }) => sum + chunks.total, 0);
    await until(() => (told.length === events + 1 ? told : undefined));
    session.close();
  });

  test.each([
    ['cancelled', 'canceled', 'priced'],
    ['incomplete', 'completed', 'priced'],
    ['failed', 'failed', 'usage_unknown'],
  ] as const)('a response that is %s is %s, and %s', async (finish, outcome, status) => {
    const { session } = await open();
    lab.provider.next({ finish });
    session.send({ type: 'response.create' });
    expect(await lab.record()).toMatchObject({
      outcome,
      errorType: finish === 'failed' ? 'server_error' : undefined,
      cost: { status },
    });
    session.close();
  });

  test.each([
    ['the app', 'canceled', undefined],
    ['the server', 'failed', 'connection_closed'],
  ])('a response that %s cuts off has no known usage', async (who, outcome, errorType) => {
    const { session, told, closed } = await open();
    session.on('error', () => {});
    lab.provider.next(who === 'the app' ? { chunkDelayMs: 50 } : { fault: 'disconnect; after=3' });
    session.send({ type: 'response.create' });
    await until(() => told.find(({ type }) => type === 'response.created'));
    if (who === 'the app') session.close();
    expect(await lab.record()).toMatchObject({ outcome, errorType, cost: { status: 'usage_unknown' } });
    await closed;
    expect([lab.records.length, openCallCount()]).toEqual([1, 0]);
  });

  test('the text of what was said is a call of the model that wrote it', async () => {
    const { session, told } = await open();
    const hearing = (model: string) => ({ audio: { input: { transcription: { model } } } });
    for (const [index, model] of ['gpt-4o-transcribe', 'whisper-1'].entries()) {
      session.send({ type: 'session.update', session: hearing(model) });
      await until(() => told.filter(({ type }) => type === 'session.updated')[index]);
      session.send({ type: 'input_audio_buffer.commit' });
      await until(() => lab.records[index]);
    }
    const [byToken, bySecond] = lab.records;
    const { input, output } = served()[0]?.consumed ?? {};
    expect(byToken).toMatchObject({
      operation: 'generate_content',
      requestModel: 'gpt-4o-transcribe',
      outcome: 'completed',
      usage: { input, output, audioInput: input },
      cost: { status: 'priced' },
    });
    expect(bySecond).toMatchObject({ requestModel: 'whisper-1', usage: { inputAudioSeconds: 4 } });
    // $0.006 a minute
    expect(bySecond?.cost.usd).toBeCloseTo((4 * 0.006) / 60, 12);
    session.close();
  });

  test('an error of the session ends nothing, and a session in which nothing is said is no call', async () => {
    const { session, told, closed } = await open();
    const errors: unknown[] = [];
    session.on('error', (error) => errors.push(error));
    lab.provider.next({ fault: '400' });
    session.send({ type: 'response.create' });
    await until(() => (errors.length > 0 ? errors : undefined));
    expect(told.map(({ type }) => type)).toEqual(['session.created', 'error']);
    session.close();
    await closed;
    expect(lab.records).toEqual([]);
  });
});

test('a response that several sockets are told of is one call', () => {
  lab.begin();
  const socket = { url: new URL('wss://api.openai.com/v1/realtime?call_id=rtc_1') } as unknown as Socket;
  const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
  for (const session of [new RealtimeSession(socket), new RealtimeSession(socket)]) {
    session.message({ type: 'session.created', session: { model: MODEL } });
    session.message({ type: 'response.created', response: { id: 'resp_shared' } });
    session.message({ type: 'response.done', response: { id: 'resp_shared', status: 'completed', usage } });
  }
  expect(lab.records).toMatchObject([{ requestModel: MODEL, serverAddress: 'api.openai.com', usage: { input: 10 } }]);
  expect(openCallCount()).toBe(0);
});

test.each([
  ['wss://my.openai.azure.com/openai/v1/realtime?model=my-deployment', 'azure.ai.openai'],
  ['wss://proxy.example.com/openai/realtime?api-version=2024-10-01&deployment=my-deployment', 'azure.ai.openai'],
  ['wss://proxy.example.com/v1/realtime?model=my-deployment', 'openai'],
])('at %s the provider is %s, and the price that of the model behind the name', (url, provider) => {
  lab.begin();
  const session = new RealtimeSession({ url: new URL(url) } as unknown as Socket);
  session.message({ type: 'session.created', session: { model: MODEL } });
  const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
  session.message({ type: 'response.done', response: { id: 'resp_1', status: 'completed', usage } });
  expect(lab.records).toMatchObject([
    { provider, requestModel: 'my-deployment', responseModel: MODEL, cost: { usd: expect.any(Number) } },
  ]);
});
