/** Live sessions over real WebSockets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withFeature } from '../../attribution/index.ts';
import { GOOGLE_GENAI_MAJORS, type Lab, loadSdk, openLab, until } from '../../testing/lab.ts';
import { type Client, type Session, type Socket, serveLive } from './live.fixture.ts';

const MODEL = 'gemini-live-2.5-flash-preview';
const output = { serverContent: { modelTurn: { role: 'model', parts: [{ text: 'Hello.' }] } } };
const usageMetadata = {
  promptTokenCount: 10,
  responseTokenCount: 25,
  totalTokenCount: 35,
  responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 25 }],
};
const end = { serverContent: { turnComplete: true }, usageMetadata };

let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe.each(GOOGLE_GENAI_MAJORS)('%s', (folder) => {
  const GoogleGenAI = loadSdk<Client>(folder);
  let server: Awaited<ReturnType<typeof serveLive>>;
  /** What the model does in a turn. */
  let act: (socket: Socket) => void;

  beforeAll(async () => {
    server = await serveLive(folder, (socket) => act(socket));
  });
  afterAll(() => server.close());

  /** A session with its own callbacks, and what they were told. */
  async function open(): Promise<{ session: Session; told: object[]; closed: () => boolean; params: object }> {
    lab.begin();
    const told: object[] = [];
    let closed = false;
    const callbacks = Object.freeze({
      onmessage: (message: object) => void told.push({ ...message }),
      onclose: () => {
        closed = true;
      },
    });
    const params = { model: MODEL, config: { temperature: 0.5 }, callbacks };
    const client = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: server.url } });
    const session = await withFeature('talk', () => client.live.connect(params));
    return { session, told, closed: () => closed, params };
  }

  const say = (session: Session) => session.sendClientContent({ turns: 'Hello.', turnComplete: true });

  test('each turn is a call with its usage, and the app is told every message', async () => {
    act = (socket) => {
      for (const message of [output, output, end]) socket.send(JSON.stringify(message));
    };
    const { session, told, params } = await open();
    for (const turns of [1, 2]) {
      say(session);
      await until(() => lab.records[turns - 1]);
    }
    await until(() => (told.length >= 6 ? told : undefined));
    expect(told.slice(-3)).toEqual([output, output, end]);
    expect(lab.records).toHaveLength(2);
    for (const record of lab.records) {
      expect(record).toMatchObject({
        provider: 'gcp.gemini',
        operation: 'generate_content',
        requestModel: MODEL,
        outcome: 'completed',
        stream: true,
        usageSource: 'provider',
        usage: { input: 10, output: 25, audioOutput: 25 },
        attribution: { feature: 'talk' },
        serverAddress: '127.0.0.1',
      });
    }
    expect(Object.keys(params)).toEqual(['model', 'config', 'callbacks']);
    session.close();
  });

  test.each([
    ['the app', 'canceled', undefined],
    ['the server', 'failed', 'connection_closed'],
  ])('a turn that %s cuts off has no known usage', async (who, outcome, errorType) => {
    act = (socket) => {
      socket.send(JSON.stringify(output));
      if (who === 'the server') setTimeout(() => socket.terminate(), 20);
    };
    const { session, told, closed } = await open();
    say(session);
    await until(() => told.find((message) => 'serverContent' in message));
    if (who === 'the app') session.close();
    const record = await lab.record();
    expect(record).toMatchObject({ outcome, errorType, cost: { status: 'usage_unknown' } });
    await until(() => closed() || undefined);
    expect(lab.records).toHaveLength(1);
  });

  test('a session in which nothing is said is no call', async () => {
    const { session, closed } = await open();
    session.close();
    await until(() => closed() || undefined);
    expect(lab.records).toEqual([]);
  });
});
