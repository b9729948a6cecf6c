/** Content of real SDKs' calls as it stands on spans, against what the app itself sent and got. */
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drain, type Lab, loadSdk, openLab } from '../testing/lab.ts';
import type { ContentOptions } from './capture.ts';

type Bag = Readonly<Record<string, unknown>>;
type Create = (params: object, options?: object) => Promise<Bag & AsyncIterable<Bag>>;

let lab: Lab;
const exporter = new InMemorySpanExporter();
const events: Bag[] = [];

beforeAll(async () => {
  lab = await openLab();
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
afterAll(() => lab.close());

function begin(content: ContentOptions = { onSpans: true }): void {
  exporter.reset();
  events.length = 0;
  lab.begin({ content });
}

/** The content attributes of the only call, as structure. */
function said(): Bag {
  const [span, ...others] = exporter.getFinishedSpans();
  expect(others).toEqual([]);
  return contentOf(span?.attributes ?? {}, (json) => JSON.parse(String(json)));
}

const CONTENT = /^gen_ai\.(input\.messages|output\.messages|system_instructions|tool\.definitions)$/;

function contentOf(attributes: Bag, read: (value: unknown) => unknown): Bag {
  const found = Object.entries(attributes).filter(([name]) => CONTENT.test(name));
  return Object.fromEntries(found.map(([name, value]) => [name, read(value)]));
}

const answer = (content: string, finish_reason = 'stop'): object[] => [
  { role: 'assistant', parts: [{ type: 'text', content }], finish_reason },
];
const textOf = (content: string): object => ({ type: 'text', content });
const plan = (value: object): object => ({ headers: { 'x-fake-plan': JSON.stringify(value) } });
const PICTURE = { type: 'blob', modality: 'image', mime_type: 'image/png', content: '[12 characters left out]' };
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

describe('openai', () => {
  const OpenAI = loadSdk<{
    readonly chat: { readonly completions: { readonly create: Create } };
    readonly completions: { readonly create: Create };
    readonly responses: { readonly create: Create };
    readonly embeddings: { readonly create: Create };
  }>('openai-7');
  const open = () => new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl, maxRetries: 0 });
  const CHAT = {
    model: 'gpt-4o-mini',
    messages: [
      { role: 'system', content: 'Be short.' },
      {
        role: 'user',
        name: 'ann',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
          { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
          { type: 'file', file: { file_id: 'file-1' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'a cat' },
    ],
    tools: [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters: SCHEMA } }],
  };
  const SENT = {
    'gen_ai.input.messages': [
      { role: 'system', parts: [textOf('Be short.')] },
      {
        role: 'user',
        name: 'ann',
        parts: [
          textOf('What is this?'),
          PICTURE,
          { type: 'uri', modality: 'image', uri: 'https://example.com/cat.png' },
          { type: 'file', modality: 'document', file_id: 'file-1' },
        ],
      },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'call_1', name: 'look', arguments: { at: 'it' } }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: 'a cat' }] },
    ],
    'gen_ai.tool.definitions': [{ type: 'function', name: 'look' }],
  };

  test('chat: an answer, and the same one streamed', async () => {
    begin();
    await open().chat.completions.create(CHAT, plan({ text: 'It is a cat.' }));
    expect(said()).toEqual({ ...SENT, 'gen_ai.output.messages': answer('It is a cat.') });
    begin();
    await drain(
      await open().chat.completions.create({ ...CHAT, stream: true }, plan({ text: 'It is a cat.', chunks: 5 })),
    );
    expect(said()).toEqual({ ...SENT, 'gen_ai.output.messages': answer('It is a cat.') });
  });

  test('chat: a tool call, whole and streamed', async () => {
    for (const stream of [false, true]) {
      begin();
      const params = { ...CHAT, messages: CHAT.messages.slice(0, 1), stream };
      const got = await open().chat.completions.create(params);
      const given = stream
        ? (await drain(got)).flatMap(({ choices }) =>
            (choices as [{ delta: Bag }]).map(({ delta }) => delta.tool_calls),
          )
        : (got.choices as [{ message: Bag }]).map(({ message }) => message.tool_calls);
      const calls = given.flatMap((list) => (list ?? []) as { id?: string; function: { arguments?: string } }[]);
      const json = calls.map((call) => call.function.arguments ?? '').join('');
      const part = { type: 'tool_call', id: calls[0]?.id, name: 'look', arguments: JSON.parse(json) };
      expect(said()['gen_ai.output.messages']).toEqual([
        { role: 'assistant', parts: [part], finish_reason: 'tool_call' },
      ]);
    }
  });

  test('a stream that the app leaves has what came, and ends in error', async () => {
    begin();
    const text = 'It may well be a cat, but who knows.';
    const got: unknown[] = [];
    const options = plan({ text, chunks: 12, chunkDelayMs: 5 });
    for await (const { choices } of await open().chat.completions.create({ ...CHAT, stream: true }, options)) {
      got.push((choices as [{ delta: Bag }])[0].delta.content);
      if (got.length === 4) break;
    }
    expect(said()['gen_ai.output.messages']).toEqual(answer(got.filter(Boolean).join(''), 'error'));
  });

  test('legacy completions', async () => {
    begin();
    await open().completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'Once' }, plan({ text: ' upon' }));
    expect(said()).toEqual({
      'gen_ai.input.messages': [{ role: 'user', parts: [textOf('Once')] }],
      'gen_ai.output.messages': answer(' upon'),
    });
  });

  test('responses: an answer, the same one streamed, and what came of one that was left', async () => {
    const params = {
      model: 'gpt-4o-mini',
      instructions: 'Be short.',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Weather?' },
            { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
          ],
        },
        { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Rome"}' },
        { type: 'function_call_output', call_id: 'c1', output: 'sunny' },
        {
          ...{ type: 'function_call_output', call_id: 'c2' },
          output: [{ type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' }],
        },
      ],
      tools: [{ type: 'function', name: 'weather', parameters: SCHEMA }, { type: 'web_search' }],
    };
    const sent = {
      'gen_ai.system_instructions': [textOf('Be short.')],
      'gen_ai.input.messages': [
        {
          role: 'user',
          parts: [
            textOf('Weather?'),
            { type: 'blob', modality: 'audio', mime_type: 'audio/wav', content: '[8 characters left out]' },
          ],
        },
        { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Rome' } }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'sunny' }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c2', response: [PICTURE] }] },
      ],
      'gen_ai.tool.definitions': [
        { type: 'function', name: 'weather' },
        { type: 'web_search', name: 'web_search' },
      ],
      'gen_ai.output.messages': answer('Sunny.'),
    };
    begin();
    await open().responses.create(params, plan({ text: 'Sunny.' }));
    expect(said()).toEqual(sent);
    begin();
    await drain(await open().responses.create({ ...params, stream: true }, plan({ text: 'Sunny.', chunks: 3 })));
    expect(said()).toEqual(sent);
    begin();
    let came = '';
    const options = plan({ text: 'Sunny, all day long, and warm.', chunks: 12, chunkDelayMs: 5 });
    for await (const { type, delta } of await open().responses.create({ ...params, stream: true }, options)) {
      if (type === 'response.output_text.delta') came += delta;
      if (came.length > 8) break;
    }
    expect(said()['gen_ai.output.messages']).toEqual(answer(came, 'error'));
  });

  test('a failed call has no answer, and embeddings have no messages', async () => {
    begin();
    const refused = open().chat.completions.create(CHAT, { headers: { 'x-fake-fault': '400' } });
    await expect(refused).rejects.toThrow();
    expect(said()).toEqual(SENT);
    begin();
    await open().embeddings.create({ model: 'text-embedding-3-small', input: 'hello' });
    expect(said()).toEqual({});
  });

  test('the app tells each thing once, to the SDK: what it computes is not asked for a second time', async () => {
    begin();
    const told: string[] = [];
    const messages = [
      { role: 'user', content: 'What is this?' },
      {
        role: 'assistant',
        get content() {
          told.push('content');
          return 'A cat.';
        },
      },
      {
        role: 'user',
        content: [{ type: 'text', text: 'Sure?' }, { toJSON: () => told.push('part') && textOf('Sure!') }],
      },
    ];
    const list = Object.defineProperty([...messages], 3, {
      enumerable: true,
      get: () => told.push('element') && { role: 'user', content: 'Really?' },
    });
    await open().chat.completions.create({ model: 'gpt-4o-mini', messages: list }, plan({ text: 'Yes.' }));
    expect(told).toEqual(['content', 'part', 'element']);
    expect(said()['gen_ai.input.messages']).toEqual([
      { role: 'user', parts: [textOf('What is this?')] },
      { role: 'assistant', parts: [] },
      { role: 'user', parts: [textOf('Sure?')] },
    ]);
  });

  test('by default nothing is read', async () => {
    exporter.reset();
    lab.begin();
    await open().chat.completions.create(CHAT);
    expect(said()).toEqual({});
  });

  test('the event has the attributes of the span, its ids, and the content as structure', async () => {
    begin({ onSpans: false, emit: (event) => events.push(event) });
    await open().chat.completions.create(CHAT, plan({ text: 'A cat.' }));
    expect(said()).toEqual({});
    const [span] = exporter.getFinishedSpans();
    const [event, ...others] = events;
    expect(others).toEqual([]);
    expect(event).toMatchObject({ eventName: 'gen_ai.client.inference.operation.details', severityNumber: 5 });
    const attributes = event?.attributes as Bag;
    expect(contentOf(attributes, (value) => value)).toEqual({ ...SENT, 'gen_ai.output.messages': answer('A cat.') });
    expect(attributes).toMatchObject(span?.attributes ?? {});
    expect(trace.getSpanContext(event?.context as never)).toEqual(span?.spanContext());
  });
});

test('anthropic: an answer, the same one streamed, and tool calls', async () => {
  const Anthropic = loadSdk<{ readonly messages: { readonly create: Create } }>('anthropic-1');
  const { messages } = new Anthropic({ apiKey: 'test', baseURL: lab.provider.anthropicBaseUrl, maxRetries: 0 });
  const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
  const params = {
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    system: [{ type: 'text', text: 'Be short.', cache_control: { type: 'ephemeral' } }],
    messages: [
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'I should look.', signature: 'sig' },
          { type: 'tool_use', id: 'tu_1', name: 'weather', input: { city: 'Rome' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'tu_1', content: [{ type: 'text', text: 'sunny' }] },
          { type: 'tool_result', tool_use_id: 'tu_2', content: [picture] },
          picture,
        ],
      },
    ],
    tools: [{ name: 'weather', description: 'The weather.', input_schema: SCHEMA }],
  };
  const sent = {
    'gen_ai.system_instructions': [textOf('Be short.')],
    'gen_ai.input.messages': [
      { role: 'user', parts: [textOf('Weather?')] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'I should look.' },
          { type: 'tool_call', id: 'tu_1', name: 'weather', arguments: { city: 'Rome' } },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool_call_response', id: 'tu_1', response: 'sunny' },
          { type: 'tool_call_response', id: 'tu_2', response: [PICTURE] },
          PICTURE,
        ],
      },
    ],
    'gen_ai.tool.definitions': [{ type: 'function', name: 'weather' }],
    'gen_ai.output.messages': answer('Sunny.'),
  };
  begin();
  await messages.create(params, plan({ text: 'Sunny.' }));
  expect(said()).toEqual(sent);
  begin();
  await drain(await messages.create({ ...params, stream: true }, plan({ text: 'Sunny.', chunks: 3 })));
  expect(said()).toEqual(sent);
  const asks = { ...params, messages: params.messages.slice(0, 1) };
  begin();
  const { content } = await messages.create(asks);
  const calls = (content as Bag[]).filter(({ type }) => type === 'tool_use');
  const parts = calls.map(({ id, name, input }) => ({ type: 'tool_call', id, name, arguments: input }));
  expect(said()['gen_ai.output.messages']).toEqual([{ role: 'assistant', parts, finish_reason: 'tool_call' }]);
  begin();
  const streamed = await drain(await messages.create({ ...asks, stream: true }));
  const json = streamed.map(({ delta }) => (delta as Bag | undefined)?.partial_json ?? '').join('');
  expect(said()['gen_ai.output.messages']).toMatchObject([{ parts: [{ arguments: JSON.parse(json) }] }]);
});

test('google-genai: an answer, the same one streamed, and tool calls', async () => {
  const GoogleGenAI = loadSdk<{
    readonly models: { readonly generateContent: Create; readonly generateContentStream: Create };
  }>('google-genai-3');
  const { models } = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: lab.provider.geminiBaseUrl } });
  const params = (planned: object, contents: unknown) => ({
    model: 'gemini-2.5-flash',
    contents,
    config: {
      systemInstruction: 'Be short.',
      tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: SCHEMA }] }, { googleSearch: {} }],
      httpOptions: plan(planned),
    },
  });
  const contents = [
    { role: 'user', parts: [{ text: 'Weather?' }, { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }] },
    { role: 'model', parts: [{ functionCall: { id: 'f1', name: 'weather', args: { city: 'Rome' } } }] },
    { role: 'user', parts: [{ functionResponse: { id: 'f1', name: 'weather', response: { sky: 'clear' } } }] },
  ];
  const sent = {
    'gen_ai.system_instructions': [textOf('Be short.')],
    'gen_ai.input.messages': [
      {
        role: 'user',
        parts: [textOf('Weather?'), PICTURE],
      },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'f1', name: 'weather', arguments: { city: 'Rome' } }] },
      { role: 'user', parts: [{ type: 'tool_call_response', id: 'f1', response: { sky: 'clear' } }] },
    ],
    'gen_ai.tool.definitions': [
      { type: 'function', name: 'weather' },
      { type: 'googleSearch', name: 'googleSearch' },
    ],
    'gen_ai.output.messages': answer('Sunny.'),
  };
  begin();
  await models.generateContent(params({ text: 'Sunny.' }, contents));
  expect(said()).toEqual(sent);
  begin();
  await drain(await models.generateContentStream(params({ text: 'Sunny.', chunks: 3 }, contents)));
  expect(said()).toEqual(sent);
  for (const method of ['generateContent', 'generateContentStream'] as const) {
    begin();
    const got = await models[method](params({}, 'Weather?'));
    const chunks = method === 'generateContent' ? [got] : await drain(got);
    const [call] = chunks.flatMap((chunk) => (chunk.functionCalls as Bag[] | undefined) ?? []);
    expect(said()['gen_ai.input.messages']).toEqual([{ role: 'user', parts: [textOf('Weather?')] }]);
    expect(said()['gen_ai.output.messages']).toMatchObject([
      { role: 'assistant', parts: [{ type: 'tool_call', name: 'weather', arguments: call?.args }] },
    ]);
  }
});
