/** What is said in live sessions, for whoever opted in. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContentLab, openContentLab } from '../../testing/content-lab.ts';
import { GOOGLE_GENAI_MAJORS, loadSdk, until } from '../../testing/lab.ts';
import { type Client, type Session, type Socket, serveLive } from './live.fixture.ts';

const MODEL = 'gemini-live-2.5-flash-preview';
const CONFIG = {
  systemInstruction: 'Be brief.',
  tools: [{ functionDeclarations: [{ name: 'weather' }] }, { googleSearch: {} }],
};
const usageMetadata = { promptTokenCount: 10, responseTokenCount: 25, totalTokenCount: 35 };
const end = { serverContent: { turnComplete: true }, usageMetadata };
const SOUND = { inlineData: { mimeType: 'audio/pcm', data: 'c291bmQ=' } };

const speaks = (...parts: object[]): object => ({ serverContent: { modelTurn: { role: 'model', parts } } });
const text = (content: string): object => ({ type: 'text', content });
const user = (content: string): object => ({ role: 'user', parts: [text(content)] });
const answer = (finish_reason: string, ...parts: object[]): object[] => [{ role: 'assistant', parts, finish_reason }];

let lab: ContentLab;

beforeAll(async () => {
  lab = await openContentLab();
});
afterAll(() => lab.close());
beforeEach(() => lab.begin());

describe.each(GOOGLE_GENAI_MAJORS)('%s', (folder) => {
  const GoogleGenAI = loadSdk<Client>(folder);
  let server: Awaited<ReturnType<typeof serveLive>>;
  /** What the model says to that, message by message; nothing: it waits. */
  let answers: (said: object) => object[];
  let sockets: Socket[];

  beforeAll(async () => {
    server = await serveLive(folder, (socket, heard) => {
      sockets.push(socket);
      for (const message of answers(heard)) socket.send(JSON.stringify(message));
    });
  });
  afterAll(() => server.close());

  function open(): Promise<Session> {
    sockets = [];
    const client = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: server.url } });
    return client.live.connect({ model: MODEL, config: CONFIG, callbacks: { onmessage: () => {} } });
  }

  test('a turn has what came in since the one before, and its own answer', async () => {
    answers = () => [
      speaks({ text: 'Let me see. ', thought: true }),
      speaks({ text: 'Hel' }),
      speaks({ text: 'lo.' }),
      end,
    ];
    const session = await open();
    session.sendClientContent({ turns: ['Hi.', 'Who are you?'] });
    expect(await lab.saidInCall(0)).toEqual({
      input: [{ role: 'user', parts: [text('Hi.'), text('Who are you?')] }],
      instructions: [text('Be brief.')],
      tools: [
        { type: 'function', name: 'weather' },
        { type: 'googleSearch', name: 'googleSearch' },
      ],
      output: answer('stop', { type: 'reasoning', content: 'Let me see. ' }, text('Hello.')),
    });
    session.sendRealtimeInput({ text: 'And now?' });
    expect((await lab.saidInCall(1)).input).toEqual([user('And now?')]);
    session.close();
  });

  test('what is heard stands there as the text that the provider made of it, and no sound does', async () => {
    const wrote = (who: string, piece: string): object => ({
      serverContent: { [`${who}Transcription`]: { text: piece } },
    });
    answers = (heard) =>
      'clientContent' in heard
        ? [end]
        : [
            wrote('input', 'What '),
            wrote('input', 'time?'),
            speaks(SOUND),
            wrote('output', 'Five '),
            speaks(SOUND),
            wrote('output', 'o’clock.'),
            end,
          ];
    const session = await open();
    session.sendRealtimeInput({ audio: { mimeType: 'audio/pcm', data: 'c291bmQ=' } });
    expect(await lab.saidInCall(0)).toMatchObject({
      input: [user('What time?')],
      output: answer('stop', text('Five o’clock.')),
    });
    session.sendClientContent({ turns: 'Thanks.' });
    expect((await lab.saidInCall(1)).input).toEqual([user('Thanks.')]);
    session.close();
  });

  test('a tool’s call ends a turn, and its result is asked of the next one', async () => {
    const functionCalls = [{ id: 'call-1', name: 'weather', args: { city: 'Graz' } }];
    answers = (heard) =>
      'toolResponse' in heard
        ? [speaks({ text: 'Sunny.' }), { serverContent: { generationComplete: true } }, end]
        : [{ toolCall: { functionCalls } }, { usageMetadata }];
    const session = await open();
    session.sendClientContent({ turns: 'Weather?' });
    expect((await lab.saidInCall(0)).output).toEqual(
      answer('tool_call', { type: 'tool_call', id: 'call-1', name: 'weather', arguments: { city: 'Graz' } }),
    );
    session.sendToolResponse({ functionResponses: [{ id: 'call-1', name: 'weather', response: { sky: 'blue' } }] });
    expect(await lab.saidInCall(1)).toMatchObject({
      input: [{ role: 'tool', parts: [{ type: 'tool_call_response', id: 'call-1', response: { sky: 'blue' } }] }],
      output: answer('stop', text('Sunny.')),
    });
    session.close();
  });

  test.each([
    ['the user interrupts', [{ serverContent: { interrupted: true } }, end], 'interrupted'],
    [
      'the provider refuses',
      [{ serverContent: { turnComplete: true, turnCompleteReason: 'RESPONSE_REJECTED' }, usageMetadata }],
      'response_rejected',
    ],
  ])('a turn says why it ended: %s', async (_, messages, reason) => {
    answers = () => [speaks({ text: 'Once upon' }), ...messages];
    const session = await open();
    session.sendClientContent({ turns: 'A story.' });
    expect((await lab.saidInCall(0)).output).toEqual(answer(reason, text('Once upon')));
    session.close();
  });

  test('a turn that the connection cut off has what had come', async () => {
    answers = () => [speaks({ text: 'Once upon' })];
    const session = await open();
    session.sendClientContent({ turns: 'A story.' });
    await until(() => sockets[0]);
    setTimeout(() => sockets[0]?.terminate(), 20);
    expect(await lab.saidInCall(0)).toMatchObject({
      input: [user('A story.')],
      output: answer('error', text('Once upon')),
    });
  });

  // 1.x has no such method.
  if (!folder.startsWith('google-genai-1')) {
    test('what the app changes on the way holds from the next turn on', async () => {
      answers = (heard) => ('contextUpdate' in heard ? [] : [end]);
      const session = await open();
      session.sendContextUpdate?.({ systemInstruction: 'Be long.' });
      session.sendClientContent({ turns: 'Hi.' });
      expect(await lab.saidInCall(0)).toMatchObject({
        instructions: [text('Be long.')],
        tools: [{ name: 'weather' }, {}],
      });
      session.sendContextUpdate?.({ tools: { tools: [{ functionDeclarations: [{ name: 'clock' }] }] } });
      session.sendClientContent({ turns: 'Hi.' });
      expect(await lab.saidInCall(1)).toMatchObject({ instructions: [text('Be long.')], tools: [{ name: 'clock' }] });
      session.close();
    });
  }

  test('the session’s socket is what it was to whoever looks at it', async () => {
    answers = () => [end];
    const session = await open();
    const { send } = (session as unknown as { conn: { send(message: string): void } }).conn;
    expect([send.name, send.length]).toEqual(['send', 1]);
    session.close();
  });
});
