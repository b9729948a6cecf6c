/** What is said in interactions, whole and streamed, against what the app itself sent and got. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ContentLab, openContentLab } from '../../testing/content-lab.ts';
import { drain, GOOGLE_GENAI_MAJORS, loadSdk } from '../../testing/lab.ts';

type Bag = Readonly<Record<string, unknown>>;

interface Client {
  readonly interactions: {
    create(params: object, options?: object): Promise<Bag & AsyncIterable<Bag>>;
    get(id: string): Promise<Bag>;
  };
}

let lab: ContentLab;

beforeAll(async () => {
  lab = await openContentLab();
  // 1.x says once that interactions are experimental.
  vi.spyOn(console, 'warn').mockReturnValue();
});
afterAll(() => lab.close());
beforeEach(() => lab.begin());

const text = (content: string): object => ({ type: 'text', content });
const picture = { type: 'blob', modality: 'image', mime_type: 'image/png', content: '[12 characters left out]' };
const THOUGHT = { type: 'reasoning', content: '**Reading the question**\n\nI look at what was asked.\n\n\n' };
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const WEATHER = { type: 'function', name: 'weather', description: 'The weather.', parameters: SCHEMA };
const MODEL = 'gemini-2.5-flash';
const THINKING = { generation_config: { thinking_summaries: 'auto' } };

/** 1.20 has none yet. */
const WITH_INTERACTIONS = GOOGLE_GENAI_MAJORS.filter((folder) => folder !== 'google-genai-1.20');

/** What 1.x was made for, and what it gets since May 2026; the others know no more than steps. */
const REVISIONS = (folder: string): readonly object[] =>
  folder === 'google-genai-1' ? [{ 'Api-Revision': '2026-05-06' }, {}] : [{}];

describe.each(WITH_INTERACTIONS)('%s', (folder) => {
  const GoogleGenAI = loadSdk<Client>(folder);
  const open = (): Client['interactions'] =>
    new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: lab.provider.geminiBaseUrl } }).interactions;

  /** Asks and gives what the app got: the answer, or all events. */
  async function ask(stream: boolean, params: object, planned: object = {}, headers: object = {}): Promise<Bag[]> {
    const options = { headers: { ...headers, 'x-fake-plan': JSON.stringify(planned) } };
    const got = await open().create({ model: MODEL, input: 'And?', stream, ...params }, options);
    return stream ? drain(got) : [got];
  }

  const ways = REVISIONS(folder).flatMap((headers) => [false, true].map((stream) => ({ headers, stream })));

  describe.each(ways)('$headers, streamed $stream', ({ stream, headers }) => {
    test('a text, and what the model thought of it', async () => {
      const asked = {
        input: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', data: 'iVBORw0KGgo=', mime_type: 'image/png' },
          { type: 'document', uri: 'gs://bucket/a.pdf', mime_type: 'application/pdf' },
        ],
        system_instruction: 'Be short.',
        tools: [WEATHER, { type: 'code_execution' }, { type: 'mcp_server', name: 'files', headers: { key: 'secret' } }],
        ...THINKING,
      };
      await ask(stream, asked, { text: 'It is a cat.', chunks: 4 }, headers);
      expect(lab.said().input).toEqual([
        {
          role: 'user',
          parts: [
            text('What is this?'),
            picture,
            { type: 'uri', modality: 'document', mime_type: 'application/pdf', uri: 'gs://bucket/a.pdf' },
          ],
        },
      ]);
      expect(lab.said().instructions).toEqual([text('Be short.')]);
      expect(lab.said().tools).toEqual([
        { type: 'function', name: 'weather' },
        { type: 'code_execution', name: 'code_execution' },
        { type: 'mcp_server', name: 'files' },
      ]);
      expect(lab.said().output).toEqual([
        { role: 'assistant', parts: [THOUGHT, text('It is a cat.')], finish_reason: 'stop' },
      ]);
    });

    test('a call of a function', async () => {
      const got = await ask(stream, { tools: [WEATHER], ...THINKING }, {}, headers);
      const called = { id: expect.stringMatching(/^\w{8}$/), name: 'weather', arguments: { city: expect.any(String) } };
      const [message] = lab.said().output as { parts: Bag[] }[];
      expect(message).toEqual({
        role: 'assistant',
        parts: [THOUGHT, { type: 'tool_call', ...called }],
        finish_reason: 'tool_call',
      });
      expect(JSON.stringify(got)).toContain(String(message?.parts[1]?.id));
    });

    test('steps of a tool that the provider runs stay as they are, without signatures; media without their bytes', async () => {
      await ask(stream, { tools: [{ type: 'google_search' }], response_modalities: ['image', 'audio'] }, {}, headers);
      expect(lab.said().output).toEqual([
        {
          role: 'assistant',
          parts: [
            {
              ...{ type: 'google_search_call', id: expect.any(String) },
              arguments: { queries: ['what the question asks'] },
            },
            {
              ...{ type: 'google_search_result', call_id: expect.any(String) },
              result: [{ search_suggestions: '<div>more</div>' }],
            },
            picture,
            { type: 'blob', modality: 'audio', mime_type: 'audio/wav', content: '[16 characters left out]' },
          ],
          finish_reason: 'stop',
        },
      ]);
    });
  });

  test.each([false, true])('an interaction that failed (stream: %s)', async (stream) => {
    await ask(stream, {}, { text: 'It is', finish: 'failed' });
    expect(lab.said().output).toEqual([{ role: 'assistant', parts: [text('It is')], finish_reason: 'error' }]);
  });

  test('a follow-up has its own input only: here the results of functions', async () => {
    const [{ id } = { id: '' }] = await ask(false, { input: 'Weather?', tools: [WEATHER] });
    lab.begin();
    const result = [{ type: 'text', text: 'sunny' }];
    const seen = [
      { type: 'text', text: 'This:' },
      { type: 'image', data: 'iVBORw0KGgo=', mime_type: 'image/png' },
    ];
    const results = [
      { type: 'function_result', call_id: 'c1', name: 'weather', result },
      { type: 'function_result', call_id: 'c2', name: 'weather', result: seen },
      { type: 'function_result', call_id: 'c3', name: 'weather', result: { sky: 'clear' } },
    ];
    await ask(false, { previous_interaction_id: id, input: results }, { text: 'Sunny.' });
    expect(lab.said().input).toEqual([
      {
        role: 'tool',
        parts: [
          { type: 'tool_call_response', id: 'c1', response: 'sunny' },
          { type: 'tool_call_response', id: 'c2', response: [text('This:'), picture] },
          { type: 'tool_call_response', id: 'c3', response: { sky: 'clear' } },
        ],
      },
    ]);
    expect(lab.said().output).toMatchObject([{ parts: [text('Sunny.')], finish_reason: 'stop' }]);
  });

  test('a conversation that the app keeps itself', async () => {
    const input = [
      { type: 'user_input', content: [{ type: 'text', text: 'Weather?' }] },
      { type: 'thought', summary: [{ type: 'text', text: 'I should look.' }], signature: 'sig' },
      { type: 'function_call', id: 'c1', name: 'weather', arguments: { city: 'Rome' } },
      { type: 'function_result', call_id: 'c1', name: 'weather', result: 'sunny' },
      { type: 'model_output', content: [{ type: 'text', text: 'Sunny.' }] },
      { type: 'user_input', content: [{ type: 'text', text: 'Sure?' }] },
    ];
    await ask(false, { input });
    expect(lab.said().input).toEqual([
      { role: 'user', parts: [text('Weather?')] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'I should look.' },
          { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Rome' } },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'sunny' }] },
      { role: 'assistant', parts: [text('Sunny.')] },
      { role: 'user', parts: [text('Sure?')] },
    ]);
  });

  test('a stream that the app leaves has what came, and ends in error', async () => {
    const planned = { text: 'It may well be a cat, but who knows.', chunks: 12, chunkDelayMs: 5 };
    const options = { headers: { 'x-fake-plan': JSON.stringify(planned) } };
    let came = '';
    for await (const { delta } of await open().create({ model: MODEL, input: 'And?', stream: true }, options)) {
      came += (delta as Bag | undefined)?.text ?? '';
      if (came.length > 8) break;
    }
    expect(lab.said().output).toEqual([{ role: 'assistant', parts: [text(came)], finish_reason: 'error' }]);
  });

  test('so has one that breaks off: arguments that are no JSON yet stay text', async () => {
    const params = { model: MODEL, input: 'And?', stream: true, tools: [WEATHER] };
    const options = { headers: { 'x-fake-plan': JSON.stringify({ chunkDelayMs: 5 }) } };
    let came: unknown;
    for await (const { delta } of await open().create(params, options)) {
      came = (delta as Bag | undefined)?.arguments;
      if (came !== undefined) break;
    }
    expect(came).toEqual(expect.stringMatching(/^\{/));
    expect(lab.said().output).toMatchObject([
      { parts: [{ type: 'tool_call', name: 'weather', arguments: came }], finish_reason: 'error' },
    ]);
  });

  test('turns, as they were given before there were steps', async () => {
    const input = [
      { role: 'user', content: 'Weather?' },
      { role: 'model', content: [{ type: 'text', text: 'Sunny.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Sure?' }] },
    ];
    await ask(false, { input });
    expect(lab.said().input).toEqual([
      { role: 'user', parts: [text('Weather?')] },
      { role: 'assistant', parts: [text('Sunny.')] },
      { role: 'user', parts: [text('Sure?')] },
    ]);
  });
});

test('of a picture that only begins there is nothing', async () => {
  const GoogleGenAI = loadSdk<Client>('google-genai-1');
  const { interactions } = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: lab.provider.geminiBaseUrl } });
  const params = { model: 'gemini-2.0-flash', input: 'A cat.', stream: true, response_modalities: ['image'] };
  const headers = { 'Api-Revision': '2026-05-06', 'x-fake-plan': JSON.stringify({ chunkDelayMs: 5 }) };
  for await (const { event_type } of await interactions.create(params, { headers }))
    if (event_type === 'content.start') break;
  expect(lab.said().output).toBeNull();
});

/** In 1.x the end of such an interaction is not looked for. */
test.each(WITH_INTERACTIONS.filter((folder) => folder !== 'google-genai-1'))(
  '%s: one in the background',
  async (folder) => {
    const GoogleGenAI = loadSdk<Client>(folder);
    const { interactions } = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: lab.provider.geminiBaseUrl } });
    lab.provider.next({ text: 'It is a cat.', polls: 1 });
    const { id } = await interactions.create({ model: MODEL, input: 'What is this?', background: true });
    await interactions.get(String(id));
    await interactions.get(String(id));
    expect(lab.said().input).toEqual([{ role: 'user', parts: [text('What is this?')] }]);
    expect(lab.said().output).toEqual([{ role: 'assistant', parts: [text('It is a cat.')], finish_reason: 'stop' }]);
  },
);
