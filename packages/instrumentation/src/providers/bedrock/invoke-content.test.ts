/** What is said to the makers' models, each in a body of its own. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ContentLab, openContentLab } from '../../testing/content-lab.ts';
import { drain, loadSdk, requireFrom } from '../../testing/lab.ts';
import { invokeContent } from './invoke-content.ts';

type Output = Readonly<Record<'body', AsyncIterable<unknown>>>;
type Command = new (input: object) => object;

const Bedrock = loadSdk<{ send(command: object): Promise<Output> }>('bedrock-3');
const sdk = requireFrom('bedrock-3')('@aws-sdk/client-bedrock-runtime') as Record<string, Command>;
const { NodeHttpHandler } = requireFrom('bedrock-3')('@smithy/node-http-handler') as {
  NodeHttpHandler: new () => object;
};

let lab: ContentLab;

beforeAll(async () => {
  lab = await openContentLab();
});
afterAll(() => lab.close());
beforeEach(() => lab.begin());

async function send(command: string, modelId: string, body: object): Promise<Output> {
  const client = new Bedrock({
    ...{ requestHandler: new NodeHttpHandler(), region: 'us-east-1', endpoint: lab.provider.baseUrl('bedrock') },
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
  });
  const Class = sdk[command] as Command;
  return client.send(new Class({ modelId, body: JSON.stringify(body), contentType: 'application/json' }));
}

const ANSWER = 'It is sunny in Rome.';
const text = (content: string): object => ({ type: 'text', content });
const ASKED = [{ role: 'user', parts: [text('Weather?')] }];
const SHORT = [text('Be short.')];

/** A model's body, and the instructions that stand apart in it. */
interface Case {
  readonly modelId: string;
  readonly body: object;
  readonly instructions?: readonly object[];
}

const CASES: readonly Case[] = [
  {
    modelId: 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
    body: {
      ...{ anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, system: 'Be short.' },
      messages: [{ role: 'user', content: 'Weather?' }],
    },
    instructions: SHORT,
  },
  {
    modelId: 'amazon.nova-lite-v1:0',
    body: { system: [{ text: 'Be short.' }], messages: [{ role: 'user', content: [{ text: 'Weather?' }] }] },
    instructions: SHORT,
  },
  { modelId: 'openai.gpt-oss-20b-1:0', body: { messages: [{ role: 'user', content: 'Weather?' }] } },
  { modelId: 'mistral.mistral-large-2407-v1:0', body: { messages: [{ role: 'user', content: 'Weather?' }] } },
  {
    modelId: 'cohere.command-r-v1:0',
    body: { preamble: 'Be short.', message: 'Weather?', chat_history: [] },
    instructions: SHORT,
  },
  { modelId: 'amazon.titan-text-express-v1', body: { inputText: 'Weather?' } },
  { modelId: 'meta.llama3-3-70b-instruct-v1:0', body: { prompt: 'Weather?' } },
];

describe.each(CASES)('$modelId', ({ modelId, body, instructions }) => {
  test.each(['InvokeModelCommand', 'InvokeModelWithResponseStreamCommand'])('%s', async (command) => {
    lab.provider.next({ text: ANSWER, chunks: 4 });
    const output = await send(command, modelId, body);
    if (command !== 'InvokeModelCommand') await drain(output.body);
    expect(lab.said().input).toEqual(ASKED);
    expect(lab.said().instructions).toEqual(instructions ?? null);
    expect(lab.said().output).toEqual([{ role: 'assistant', parts: [text(ANSWER)], finish_reason: 'stop' }]);
  });
});

test('embeddings have no content', async () => {
  await send('InvokeModelCommand', 'amazon.titan-embed-text-v2:0', { inputText: 'Weather?' });
  expect(lab.said().input).toBeNull();
  expect(lab.said().output).toBeNull();
});

/** Answers of makers that the fake provider does not play, from AWS's documentation. */
test.each([
  ['Mistral', { outputs: [{ text: ANSWER, stop_reason: 'stop' }] }, 'stop'],
  ['Cohere Command', { generations: [{ text: ANSWER, finish_reason: 'MAX_TOKENS' }] }, 'length'],
  ['Jurassic', { completions: [{ data: { text: ANSWER }, finishReason: { reason: 'length' } }] }, 'length'],
  ['DeepSeek', { choices: [{ text: ANSWER, stop_reason: 'stop' }] }, 'stop'],
])('an answer of %s', (_, body, reason) => {
  const bytes = Buffer.from(JSON.stringify(body));
  expect(invokeContent.response({ body: bytes })).toEqual([
    { role: 'assistant', parts: [text(ANSWER)], finish_reason: reason },
  ]);
});

test.each(['InvokeModelCommand', 'InvokeModelWithResponseStreamCommand'])('calls of tools: %s', async (command) => {
  const call = { name: 'weather', parameters: { city: 'Rome' } };
  const output = await send(command, 'cohere.command-r-v1:0', {
    message: 'And now?',
    tools: [{ name: 'weather', description: 'The weather.', parameter_definitions: {} }],
    chat_history: [
      { role: 'USER', message: 'Weather?' },
      { role: 'CHATBOT', message: 'I look.', tool_calls: [call] },
      { role: 'TOOL', tool_results: [{ call, outputs: [{ sky: 'clear' }] }] },
    ],
  });
  if (command !== 'InvokeModelCommand') await drain(output.body);
  const called = (given: object): object => ({ type: 'tool_call', name: 'weather', arguments: given });
  expect(lab.said().input).toEqual([
    ...ASKED,
    { role: 'assistant', parts: [text('I look.'), called({ city: 'Rome' })] },
    { role: 'tool', parts: [{ type: 'tool_call_response', response: [{ sky: 'clear' }] }] },
    { role: 'user', parts: [text('And now?')] },
  ]);
  expect(lab.said().tools).toEqual([{ type: 'function', name: 'weather' }]);
  expect(lab.said().output).toEqual([
    { role: 'assistant', parts: [text('I will look it up.'), called({})], finish_reason: 'stop' },
  ]);
});

test.each(['no JSON', '"a text"', undefined])('a body that is none says nothing: %s', (body) => {
  expect(invokeContent.request({ modelId: 'a', body })).toEqual({});
  expect(invokeContent.response({ body })).toEqual([]);
});
