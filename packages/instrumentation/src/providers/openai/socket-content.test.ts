/** What is said over the SDK's WebSockets: in realtime sessions, and in the Responses API. */
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { instrument } from '../../patching/packages.ts';
import { type ContentLab, openContentLab } from '../../testing/content-lab.ts';
import { loadSdk, requireFrom, until } from '../../testing/lab.ts';
import { RealtimeSession } from './realtime.ts';
import type { Socket as SdkSocket } from './types.ts';

type Event = Readonly<Record<string, unknown>>;

interface Socket {
  on(name: string, listener: (event: Event) => void): void;
  send(event: object): void;
  close(): void;
}

const OpenAI = loadSdk<unknown>('openai-7');
const { OpenAIRealtimeWS } = requireFrom('openai-7')('openai/realtime/ws') as {
  OpenAIRealtimeWS: new (props: object, client: unknown) => Socket;
};
const { ResponsesWS } = requireFrom('openai-7')('openai/resources/responses/ws') as {
  ResponsesWS: new (client: unknown) => Socket;
};
instrument(OpenAIRealtimeWS);
instrument(ResponsesWS);

let lab: ContentLab;

beforeAll(async () => {
  lab = await openContentLab();
});
afterAll(() => lab.close());
beforeEach(() => lab.begin());

const client = () => new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl });
const text = (content: string): object => ({ type: 'text', content });
const user = (content: string): object => ({ role: 'user', parts: [text(content)] });
const answer = (content: string, finish_reason = 'stop'): object[] => [
  { role: 'assistant', parts: [text(content)], finish_reason },
];

describe('a realtime session', () => {
  const WEATHER = { type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } };
  const message = (content: string): object => ({
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: content }] },
  });

  async function open(): Promise<{ session: Socket; told: Event[]; update(settings: object): Promise<unknown> }> {
    const options = { createConnection: () => connect(lab.provider.port, '127.0.0.1') };
    const session = new OpenAIRealtimeWS({ model: 'gpt-realtime', options }, client());
    const told: Event[] = [];
    session.on('event', (event) => told.push(event));
    await until(() => told[0]);
    const update = (settings: object) => {
      session.send({ type: 'session.update', session: settings });
      return until(() => told.find(({ type }) => type === 'session.updated'));
    };
    return { session, told, update };
  }

  test('a response is asked with what is new, and answers by its transcript', async () => {
    const { session, update } = await open();
    await update({ instructions: 'Be short.', tools: [WEATHER] });
    lab.provider.next({ text: 'Sunny.' }, { text: 'Warm.' });
    session.send(message('Weather?'));
    session.send({ type: 'response.create' });
    const known = { instructions: [text('Be short.')], tools: [{ type: 'function', name: 'weather' }] };
    expect(await lab.saidInCall(0)).toEqual({ ...known, input: [user('Weather?')], output: answer('Sunny.') });
    session.send({
      type: 'conversation.item.create',
      item: { id: 'wrong', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Never mind.' }] },
    });
    session.send({ type: 'conversation.item.delete', item_id: 'wrong' });
    session.send(message('And tomorrow?'));
    session.send({ type: 'response.create' });
    expect(await lab.saidInCall(1)).toEqual({ ...known, input: [user('And tomorrow?')], output: answer('Warm.') });
    session.close();
  });

  test('the model calls a tool, and gets what it gave', async () => {
    const { session, told, update } = await open();
    await update({ tools: [WEATHER] });
    session.send({ type: 'response.create' });
    const { output, input } = await lab.saidInCall(0);
    const done = told.find(({ type }) => type === 'response.output_item.done')?.item as Event;
    const part = { type: 'tool_call', id: done.call_id, name: 'weather', arguments: {} };
    expect(output).toEqual([{ role: 'assistant', parts: [part], finish_reason: 'tool_call' }]);
    expect(input).toBeNull();
    const item = { type: 'function_call_output', call_id: done.call_id, output: 'sunny' };
    session.send({ type: 'conversation.item.create', item });
    session.send({ type: 'response.create' });
    expect(await lab.saidInCall(1)).toMatchObject({
      input: [{ role: 'tool', parts: [{ type: 'tool_call_response', id: done.call_id, response: 'sunny' }] }],
    });
    session.close();
  });

  test('what the user said is the answer of the model that wrote it, and a message to the one that is asked then', async () => {
    const { session, update } = await open();
    lab.provider.next({ text: 'Weather?' }, { text: 'Sunny.' }, { text: 'Still sunny.' });
    await update({ audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } } });
    session.send({ type: 'input_audio_buffer.commit' });
    expect(await lab.saidInCall(0)).toEqual({
      input: null,
      instructions: null,
      tools: null,
      output: answer('Weather?'),
    });
    session.send({ type: 'response.create' });
    expect(await lab.saidInCall(1)).toMatchObject({ input: [user('Weather?')], output: answer('Sunny.') });
    await update({ audio: {} });
    session.send({ type: 'input_audio_buffer.commit' });
    session.send({ type: 'response.create' });
    const sound = { type: 'blob', modality: 'audio', content: '[unknown bytes left out]' };
    expect(await lab.saidInCall(2)).toMatchObject({ input: [{ role: 'user', parts: [sound] }] });
    session.close();
  });

  test('a response outside of the conversation takes nothing from it', async () => {
    const { session, update } = await open();
    lab.provider.next({ text: 'Small talk.' }, { text: 'Sunny.' });
    await update({ instructions: 'Be short.' });
    session.send(message('Weather?'));
    session.send({ type: 'response.create', response: { conversation: 'none', instructions: 'Classify.' } });
    expect(await lab.saidInCall(0)).toEqual({
      input: null,
      instructions: null,
      tools: null,
      output: answer('Small talk.'),
    });
    session.send({ type: 'response.create' });
    expect(await lab.saidInCall(1)).toMatchObject({ input: [user('Weather?')], instructions: [text('Be short.')] });
    session.close();
  });

  test('a response that is cut off has what came, and ends in error', async () => {
    const { session, told } = await open();
    session.on('error', () => {});
    lab.provider.next({ text: 'It may well be sunny, but who knows.', chunks: 12, fault: 'disconnect; after=6' });
    session.send({ type: 'response.create' });
    const { output } = await lab.saidInCall(0);
    const came = told.map(({ delta }) => delta ?? '').join('');
    expect(came).not.toBe('');
    expect(output).toEqual(answer(came, 'error'));
  });

  test.each([
    ['incomplete', 'length'],
    ['cancelled', 'client_cancelled'],
  ] as const)('a response that is %s says why', async (finish, reason) => {
    const { session } = await open();
    lab.provider.next({ text: 'It may', finish });
    session.send({ type: 'response.create' });
    expect((await lab.saidInCall(0)).output).toEqual(answer('It may', reason));
    session.close();
  });

  test('without a response only the last items are kept, and without an opt-in none', async () => {
    const { session, told } = await open();
    for (let sent = 0; sent < 300; sent++) session.send(message(`Message ${sent}.`));
    session.send({ type: 'response.create' });
    const input = (await lab.saidInCall(0)).input as object[];
    expect([input.length, input.at(-1)]).toEqual([256, user('Message 299.')]);
    lab.begin({});
    session.send(message('Not for you.'));
    await until(() => (JSON.stringify(told).includes('Not for you.') ? told : undefined));
    lab.begin();
    session.send({ type: 'response.create' });
    expect((await lab.saidInCall(0)).input).toBeNull();
    session.close();
  });

  test('a beta session says the same in other words', async () => {
    const session = new RealtimeSession({ url: new URL('wss://api.openai.com/v1/realtime') } as unknown as SdkSocket);
    const item = { id: 'i1', type: 'message', role: 'user', content: [{ type: 'audio', transcript: 'Weather?' }] };
    const said_ = { id: 'i2', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Sunny.' }] };
    session.message({ type: 'session.created', session: { instructions: 'Be short.' } });
    session.message({ type: 'conversation.item.created', item });
    session.message({ type: 'response.created', response: { id: 'r1' } });
    session.message({ type: 'response.text.delta', response_id: 'r1', delta: 'Sunny.' });
    session.message({ type: 'response.done', response: { id: 'r1', status: 'completed', output: [said_] } });
    expect(await lab.saidInCall(0)).toMatchObject({ input: [user('Weather?')], output: answer('Sunny.') });
    for (const type of ['response.text.delta', 'response.audio_transcript.delta']) {
      session.message({ type: 'response.created', response: { id: type } });
      session.message({ type, response_id: type, delta: 'Sun' });
    }
    session.closed(1006);
    for (const nth of [1, 2]) expect((await lab.saidInCall(nth)).output).toEqual(answer('Sun', 'error'));
  });
});

describe('responses', () => {
  const ASK = { type: 'response.create', model: 'gpt-4o-mini', instructions: 'Be short.' };

  test('each lane has its own', async () => {
    lab.provider.next({ text: 'Sunny.', chunks: 4, chunkDelayMs: 2 }, { text: 'Late.', chunks: 9, chunkDelayMs: 2 });
    const socket = new ResponsesWS(client());
    socket.send({ ...ASK, input: 'Weather?', stream_id: 'one' });
    socket.send({ ...ASK, input: 'Time?', stream_id: 'two' });
    const instructions = [text('Be short.')];
    expect(await lab.saidInCall(0)).toEqual({
      input: [user('Weather?')],
      instructions,
      tools: null,
      output: answer('Sunny.'),
    });
    expect(await lab.saidInCall(1)).toEqual({
      input: [user('Time?')],
      instructions,
      tools: null,
      output: answer('Late.'),
    });
    socket.close();
  });

  test('one that is cut off has what came, and ends in error', async () => {
    lab.provider.next({ text: 'It may well be sunny, but who knows.', chunks: 12, fault: 'disconnect; after=8' });
    const socket = new ResponsesWS(client());
    const told: Event[] = [];
    socket.on('event', (event) => told.push(event));
    socket.on('error', () => {});
    socket.send({ ...ASK, input: 'Weather?' });
    const { input, output } = await lab.saidInCall(0);
    const came = told.map(({ delta }) => delta ?? '').join('');
    expect(came).not.toBe('');
    expect([input, output]).toEqual([[user('Weather?')], answer(came, 'error')]);
  });
});
