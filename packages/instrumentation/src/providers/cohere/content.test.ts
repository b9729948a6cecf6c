/** What is said in Cohere's chats, of both versions of its API, whole and streamed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContentLab, openContentLab } from '../../testing/content-lab.ts';
import { drain, loadSdk, requireFrom } from '../../testing/lab.ts';

type Bag = Readonly<Record<string, unknown>>;
type Method = (params: object) => Promise<Bag & AsyncIterable<Bag>>;
type Client = Record<'chat' | 'chatStream', Method>;
type ClientClass = new (options: object) => Client;

const CohereV2: ClientClass = loadSdk<Client>('cohere-8');
const { CohereClient: CohereV1 } = requireFrom('cohere-8')('cohere-ai') as { CohereClient: ClientClass };

let lab: ContentLab;

beforeAll(async () => {
  lab = await openContentLab();
});
afterAll(() => lab.close());
beforeEach(() => lab.begin());

const text = (content: string): object => ({ type: 'text', content });

/** Asks and gives what the app got: the answer, or all events. */
async function ask(Class: ClientClass, stream: boolean, params: object): Promise<Bag[]> {
  const client = new Class({ token: 'test', environment: lab.provider.baseUrl('cohere'), maxRetries: 0 });
  const got = await client[stream ? 'chatStream' : 'chat'](params);
  return stream ? drain(got) : [got];
}

describe.each([false, true])('streamed %s', (stream) => {
  const TOOL = { name: 'weather', description: 'The weather.', parameterDefinitions: {} };
  const call = { name: 'weather', parameters: { city: 'Rome' } };
  const ASKED = {
    ...{ model: 'command-a-03-2025', preamble: 'Be short.', message: 'And now?', tools: [TOOL] },
    chatHistory: [
      { role: 'USER', message: 'Weather?' },
      { role: 'CHATBOT', message: '', toolCalls: [call] },
      { role: 'TOOL', toolResults: [{ call, outputs: [{ sky: 'clear' }] }] },
    ],
  };

  test('version 1: a text', async () => {
    lab.provider.next({ text: 'It is sunny.', chunks: 3 });
    await ask(CohereV1, stream, ASKED);
    const called = { type: 'tool_call', name: 'weather', arguments: { city: 'Rome' } };
    expect(lab.said().input).toEqual([
      { role: 'user', parts: [text('Weather?')] },
      { role: 'assistant', parts: [called] },
      { role: 'tool', parts: [{ type: 'tool_call_response', response: [{ sky: 'clear' }] }] },
      { role: 'user', parts: [text('And now?')] },
    ]);
    expect(lab.said().instructions).toEqual([text('Be short.')]);
    expect(lab.said().tools).toEqual([{ type: 'function', name: 'weather' }]);
    expect(lab.said().output).toEqual([{ role: 'assistant', parts: [text('It is sunny.')], finish_reason: 'stop' }]);
  });

  test('version 1: a call of a tool, with what the model says of it', async () => {
    await ask(CohereV1, stream, ASKED);
    expect(lab.said().output).toEqual([
      {
        role: 'assistant',
        parts: [text('I will look it up.'), { type: 'tool_call', name: 'weather', arguments: {} }],
        finish_reason: 'stop',
      },
    ]);
  });

  test('version 2: a call of a tool, with what the model thinks of it', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const got = await ask(CohereV2, stream, {
      model: 'command-a-03-2025',
      messages: [{ role: 'user', content: 'Weather?' }],
      tools: [{ type: 'function', function: { name: 'weather', parameters } }],
    });
    const given = JSON.stringify(got).replaceAll('\\"', '"');
    const [parts] = (lab.said().output as { parts: [Bag, Bag] }[]).map((one) => one.parts);
    expect(lab.said().output).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'I will look it up.' },
          {
            type: 'tool_call',
            id: expect.stringMatching(/^call_/),
            name: 'weather',
            arguments: { city: expect.any(String) },
          },
        ],
        finish_reason: 'tool_call',
      },
    ]);
    expect(given).toContain(String(parts?.[1].id));
  });
});
