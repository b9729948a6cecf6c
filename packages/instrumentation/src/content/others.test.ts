/** The same content, sent by SDKs that each have words of their own for it. */
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countModel } from '../frameworks/ai-sdk/models.ts';
import { drain, type Lab, loadSdk, openLab, requireFrom, type SdkFolder } from '../testing/lab.ts';

type Bag = Readonly<Record<string, unknown>>;
type Ask = (stream: boolean) => Promise<unknown>;

let lab: Lab;
const exporter = new InMemorySpanExporter();

beforeAll(async () => {
  lab = await openLab();
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
afterAll(() => lab.close());

const ANSWER = 'It is sunny in Rome.';
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };
const DEFINITION = { type: 'function', function: { name: 'weather', description: 'The weather.', parameters: SCHEMA } };
const text = (content: string): object => ({ type: 'text', content });
const called = (id?: string): object => ({ type: 'tool_call', id, name: 'weather', arguments: { city: 'Rome' } });

/** OpenAI's messages, with names in camel case. */
const CAMEL = {
  messages: [
    { role: 'system', content: 'Be short.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Weather?' },
        { type: 'image_url', imageUrl: { url: 'https://a.b/c.png' } },
      ],
    },
    {
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
    },
    { role: 'tool', toolCallId: 'call_1', content: 'sunny' },
  ],
  tools: [DEFINITION],
  toolChoice: 'none',
};
const CAMEL_SENT = {
  messages: [
    { role: 'system', parts: [text('Be short.')] },
    { role: 'user', parts: [text('Weather?'), { type: 'uri', modality: 'image', uri: 'https://a.b/c.png' }] },
    { role: 'assistant', parts: [called('call_1')] },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: 'sunny' }] },
  ],
};

/** An SDK, and the messages and instructions that its request is in the words of the conventions. */
interface Case {
  readonly folder: SdkFolder | 'ai-5' | 'ai-7';
  readonly messages: readonly object[];
  readonly instructions?: readonly object[];
  readonly ask: Ask;
}

const CASES: readonly (() => Case)[] = [mistral, openrouter, cohere, ollama, bedrock, aiSdk5, aiSdk7];

describe.each(CASES.map((prepare) => [prepare.name, prepare] as const))('%s', (_, prepare) => {
  const { folder, messages, instructions, ask } = prepare();
  test.each([false, true])(`${folder}: streamed %s`, async (stream) => {
    exporter.reset();
    lab.begin({ content: { onSpans: true } });
    lab.provider.next({ text: ANSWER, chunks: 4 });
    const answer = await ask(stream);
    if (stream) await drain(answer as AsyncIterable<unknown>);
    const [span, ...others] = exporter.getFinishedSpans();
    expect(others).toEqual([]);
    const read = (name: string): unknown => JSON.parse(String(span?.attributes[name] ?? 'null'));
    expect(read('gen_ai.input.messages')).toEqual(messages);
    expect(read('gen_ai.system_instructions')).toEqual(instructions ?? null);
    expect(read('gen_ai.tool.definitions')).toEqual([{ type: 'function', name: 'weather' }]);
    expect(read('gen_ai.output.messages')).toEqual([
      { role: 'assistant', parts: [text(ANSWER)], finish_reason: 'stop' },
    ]);
  });
});

function mistral(): Case {
  const Mistral = loadSdk<{ readonly chat: Record<string, (params: object) => Promise<unknown>> }>('mistral-2');
  const ask: Ask = (stream) => {
    const { chat } = new Mistral({ apiKey: 'test', serverURL: lab.provider.baseUrl('mistral') });
    return chat[stream ? 'stream' : 'complete']?.({ model: 'mistral-large-2512', ...CAMEL }) as Promise<unknown>;
  };
  return { folder: 'mistral-2', ...CAMEL_SENT, ask };
}

function openrouter(): Case {
  const OpenRouter = loadSdk<{ readonly chat: { send(params: object): Promise<unknown> } }>('openrouter-1');
  const ask: Ask = (stream) => {
    const { chat } = new OpenRouter({ apiKey: 'test', serverURL: lab.provider.baseUrl('openrouter') });
    return chat.send({ chatRequest: { model: 'anthropic/claude-sonnet-5', ...CAMEL, stream } });
  };
  return { folder: 'openrouter-1', ...CAMEL_SENT, ask };
}

function cohere(): Case {
  type Client = Record<'chat' | 'chatStream', (params: object) => Promise<unknown>>;
  const Cohere = loadSdk<Client>('cohere-8');
  const ask: Ask = (stream) => {
    const client = new Cohere({ token: 'test', environment: lab.provider.baseUrl('cohere'), maxRetries: 0 });
    const [system, user, assistant] = CAMEL.messages;
    const calls = { ...assistant, content: undefined, toolPlan: 'I ask for the weather.' };
    const result = {
      role: 'tool',
      toolCallId: 'call_1',
      content: [{ type: 'document', document: { data: { sky: 'clear' } } }],
    };
    return client[stream ? 'chatStream' : 'chat']({
      ...{ model: 'command-a-03-2025', messages: [system, user, calls, result], tools: [DEFINITION] },
    });
  };
  const [system, user] = CAMEL_SENT.messages;
  const messages = [
    system as object,
    user as object,
    { role: 'assistant', parts: [{ type: 'reasoning', content: 'I ask for the weather.' }, called('call_1')] },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: [{ sky: 'clear' }] }] },
  ];
  return { folder: 'cohere-8', messages, ask };
}

function ollama(): Case {
  const Ollama = loadSdk<{ chat(params: object): Promise<unknown> }>('ollama-0');
  const ask: Ask = (stream) =>
    new Ollama({ host: lab.provider.baseUrl('ollama') }).chat({
      model: 'llama3.2',
      stream,
      tools: [DEFINITION],
      messages: [
        { role: 'user', content: 'Weather?', images: ['iVBORw0KGgo='] },
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ function: { name: 'weather', arguments: { city: 'Rome' } } }],
        },
        { role: 'tool', tool_name: 'weather', content: 'sunny' },
      ],
    });
  const messages = [
    {
      role: 'user',
      parts: [text('Weather?'), { type: 'blob', modality: 'image', content: '[12 characters left out]' }],
    },
    { role: 'assistant', parts: [called()] },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: 'weather', response: 'sunny' }] },
  ];
  return { folder: 'ollama-0', messages, ask };
}

function bedrock(): Case {
  type Command = new (input: object) => object;
  type Client = { send(command: object): Promise<Bag> };
  const Client = loadSdk<Client>('bedrock-3');
  const sdk = requireFrom('bedrock-3')('@aws-sdk/client-bedrock-runtime') as Record<string, Command>;
  const { NodeHttpHandler } = requireFrom('bedrock-3')('@smithy/node-http-handler') as {
    NodeHttpHandler: new () => object;
  };
  const picture = { image: { format: 'png', source: { bytes: new Uint8Array(8) } } };
  const input = {
    modelId: 'anthropic.claude-haiku-4-5-20251001-v1:0',
    system: [{ text: 'Be short.' }],
    messages: [
      {
        role: 'user',
        content: [{ text: 'Weather?' }, picture],
      },
      { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Rome' } } }] },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 't1', content: [{ json: { sky: 'clear' } }] } },
          { toolResult: { toolUseId: 't2', content: [{ json: { sky: 'clear' } }, picture] } },
        ],
      },
    ],
    toolConfig: { tools: [{ toolSpec: { name: 'weather', inputSchema: { json: SCHEMA } } }] },
  };
  const ask: Ask = async (stream) => {
    const Ask = sdk[stream ? 'ConverseStreamCommand' : 'ConverseCommand'] as Command;
    const client = new Client({
      requestHandler: new NodeHttpHandler(),
      region: 'us-east-1',
      endpoint: lab.provider.baseUrl('bedrock'),
      credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    });
    const output = await client.send(new Ask(input));
    return stream ? output.stream : output;
  };
  const blob = { type: 'blob', modality: 'image', mime_type: 'image/png', content: '[8 bytes left out]' };
  const messages = [
    {
      role: 'user',
      parts: [text('Weather?'), blob],
    },
    { role: 'assistant', parts: [called('t1')] },
    {
      role: 'user',
      parts: [
        { type: 'tool_call_response', id: 't1', response: { sky: 'clear' } },
        { type: 'tool_call_response', id: 't2', response: [{ type: 'json', content: { sky: 'clear' } }, blob] },
      ],
    },
  ];
  return { folder: 'bedrock-3', messages, instructions: [text('Be short.')], ask };
}

/** A model of the AI SDK, asked as its functions ask it. */
function aiSdk(folder: 'ai-5' | 'ai-7', png: unknown): Case {
  type Model = Record<'doGenerate' | 'doStream', (options: object) => Promise<Bag>>;
  const { createOpenAI } = requireFrom(folder)('@ai-sdk/openai') as {
    createOpenAI(options: object): { chat(model: string): Model };
  };
  const ask: Ask = async (stream) => {
    const model = createOpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl }).chat('gpt-4o-mini');
    countModel(model, 'language');
    const result = await model[stream ? 'doStream' : 'doGenerate']({
      prompt: [
        { role: 'system', content: 'Be short.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Weather?' },
            { type: 'file', mediaType: 'image/png', data: png },
          ],
        },
        {
          role: 'assistant',
          content: [{ type: 'tool-call', toolCallId: 't1', toolName: 'weather', input: { city: 'Rome' } }],
        },
        {
          role: 'tool',
          content: [
            {
              ...{ type: 'tool-result', toolCallId: 't1', toolName: 'weather' },
              output: { type: 'json', value: { sky: 'clear' } },
            },
            {
              ...{ type: 'tool-result', toolCallId: 't2', toolName: 'weather' },
              output: { type: 'content', value: [{ type: 'media', data: 'iVBORw0KGgo=', mediaType: 'image/png' }] },
            },
          ],
        },
      ],
      tools: [{ type: 'function', name: 'weather', inputSchema: SCHEMA }],
    });
    return stream ? result.stream : result;
  };
  const blob = { type: 'blob', modality: 'image', mime_type: 'image/png', content: '[8 bytes left out]' };
  const messages = [
    { role: 'system', parts: [text('Be short.')] },
    { role: 'user', parts: [text('Weather?'), blob] },
    { role: 'assistant', parts: [called('t1')] },
    {
      role: 'tool',
      parts: [
        { type: 'tool_call_response', id: 't1', response: { sky: 'clear' } },
        { type: 'tool_call_response', id: 't2', response: [{ ...blob, content: '[12 characters left out]' }] },
      ],
    },
  ];
  return { folder, messages, ask };
}

function aiSdk5(): Case {
  return aiSdk('ai-5', new Uint8Array(8));
}

function aiSdk7(): Case {
  return aiSdk('ai-7', { type: 'data', data: new Uint8Array(8) });
}
