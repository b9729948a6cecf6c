/**
 * What is said in calls leaves the process where somebody opted in, and nowhere else. An app plants a secret in everything
 * that it sends and receives, with everything on that writes or sends anything; then all of it is searched.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppFolder, type Ended, type Listening, listen, REQUIRE, runNode } from './harness.ts';

/** Where it is planted, and the secret itself. */
const SECRET = {
  system: 'secret-of-the-system-prompt',
  prompt: 'secret-of-the-user-prompt',
  answer: 'secret-of-the-answer',
  arguments: 'secret-of-the-tool-arguments',
  result: 'secret-of-the-tool-result',
  definition: 'secret-of-the-tool-definition',
  embedded: 'secret-of-the-embedding-input',
  error: 'secret-of-the-error-body',
  key: 'secret-of-the-api-key',
  header: 'secret-of-a-header',
} as const;
type Place = keyof typeof SECRET;

/** What belongs into messages; all else belongs nowhere, opted in or not. */
const SAID: readonly Place[] = ['system', 'prompt', 'answer', 'arguments', 'result'];

/** Everything that left a process, by the way that it took. */
interface Left {
  readonly traces: string;
  readonly metrics: string;
  /** Of the app's LoggerProvider. */
  readonly events: string;
  /** Ledger, status, local state of the budgets. */
  readonly files: string;
  readonly printed: string;
}

let provider: FakeProvider;
let backend: Listening;
let refusing: Listening;
let received: { url: string; text: string }[] = [];
const folders: AppFolder[] = [];

beforeAll(async () => {
  provider = await startFakeProvider();
  backend = await listen(async (request, response) => {
    let text = JSON.stringify(request.headers);
    for await (const chunk of request) text += chunk;
    received.push({ url: request.url ?? '', text });
    response.setHeader('content-type', 'application/json').end('{}');
  });
  refusing = await listen((_, response) => {
    response.writeHead(400, { 'content-type': 'application/json', 'x-said': SECRET.header });
    response.end(JSON.stringify({ error: { message: SECRET.error, type: SECRET.error, code: 'invalid_prompt' } }));
  });
});
afterAll(async () => {
  for (const folder of folders) folder.remove();
  await Promise.all([provider.close(), backend.close(), refusing.close()]);
});

/** Calls of three SDKs, whole, streamed and over sockets, some that fail, and one that embeds. */
const APP = (): string => `
  const api = require('@opentelemetry/api');
  const post = (path, body) => fetch('${backend.url}' + path, { method: 'POST', body: JSON.stringify(body) });
  const events = [];
  api.logs.setGlobalLoggerProvider({ getLogger: () => ({ emit: (event) => events.push(event), enabled: () => true }) });
  const OpenAI = require('openai');
  const Anthropic = require('@anthropic-ai/sdk');
  const { GoogleGenAI } = require('@google/genai');
  const { OpenAIRealtimeWS } = require('openai/realtime/ws');
  const { ResponsesWS } = require('openai/resources/responses/ws');
  const { connect } = require('node:net');
  const S = ${JSON.stringify(SECRET)};
  const headers = { 'x-fake-plan': JSON.stringify({ text: 'Hello ' + S.answer + ' world', chunks: 4 }), 'x-own': S.header };
  const options = { apiKey: S.key, maxRetries: 0, defaultHeaders: headers };
  const openai = new OpenAI({ ...options, baseURL: '${provider.openaiBaseUrl}' });
  const anthropic = new Anthropic({ ...options, baseURL: '${provider.anthropicBaseUrl}' });
  const google = new GoogleGenAI({ apiKey: S.key, httpOptions: { baseUrl: '${provider.geminiBaseUrl}', headers } });
  const read = async (stream) => { for await (const _ of await stream); };
  const schema = { type: 'object', properties: { city: { type: 'string' } } };
  const chat = {
    model: 'gpt-4o-mini',
    tools: [{ type: 'function', function: { name: 'weather', description: S.definition, parameters: schema } }],
    tool_choice: 'none',
    messages: [
      { role: 'system', content: S.system },
      { role: 'user', content: [
        { type: 'text', text: S.prompt },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      ] },
      { role: 'assistant', tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'weather', arguments: JSON.stringify({ city: S.arguments }) } },
      ] },
      { role: 'tool', tool_call_id: 'call_1', content: S.result },
    ],
  };
  const message = {
    model: 'claude-haiku-4-5', max_tokens: 100, system: S.system,
    tools: [{ name: 'weather', description: S.definition, input_schema: schema }],
    messages: [
      { role: 'user', content: S.prompt },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'tu_1', name: 'weather', input: { city: S.arguments } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'tu_1', content: S.result }] },
    ],
  };
  const response = { model: 'gpt-4o-mini', instructions: S.system, input: S.prompt };
  const gemini = {
    model: 'gemini-2.5-flash',
    contents: [
      { role: 'user', parts: [{ text: S.prompt }] },
      { role: 'model', parts: [{ functionCall: { name: 'weather', args: { city: S.arguments } } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { sky: S.result } } }] },
    ],
    config: { systemInstruction: S.system, tools: [{ functionDeclarations: [{ name: 'weather', description: S.definition }] }] },
  };
  const interaction = {
    model: 'gemini-2.5-flash', system_instruction: S.system,
    tools: [
      { type: 'function', name: 'weather', description: S.definition, parameters: schema },
      { type: 'mcp_server', name: 'files', url: 'https://example.com', headers: { authorization: S.header } },
    ],
    input: [
      { type: 'user_input', content: [{ type: 'text', text: S.prompt }] },
      { type: 'function_call', id: 'call_1', name: 'weather', arguments: { city: S.arguments } },
      { type: 'function_result', call_id: 'call_1', name: 'weather', result: S.result },
    ],
  };
  const until = (socket, last) => new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on(last, () => (socket.close(), resolve()));
  });
  const session = () => new OpenAIRealtimeWS(
    { model: 'gpt-realtime', options: { headers, createConnection: () => connect(${provider.port}, '127.0.0.1') } },
    openai,
  );
  const said = (item) => ({ type: 'conversation.item.create', item });
  const talk = [
    { type: 'session.update', session: { instructions: S.system, tools: [{ type: 'function', name: 'weather', description: S.definition }] } },
    said({ type: 'message', role: 'user', content: [{ type: 'input_text', text: S.prompt }] }),
    said({ type: 'function_call', call_id: 'call_1', name: 'weather', arguments: JSON.stringify({ city: S.arguments }) }),
    said({ type: 'function_call_output', call_id: 'call_1', output: S.result }),
    { type: 'response.create' },
  ];
  (async () => {
    const spoken = session();
    spoken.on('session.created', () => talk.forEach((event) => spoken.send(event)));
    await until(spoken, 'response.done');
    const written = new ResponsesWS(openai, { headers });
    written.send({ type: 'response.create', ...response });
    await until(written, 'response.completed');
    await openai.chat.completions.create(chat);
    await read(openai.chat.completions.create({ ...chat, stream: true }));
    await openai.responses.create(response);
    await read(openai.responses.create({ ...response, stream: true }));
    await anthropic.messages.create(message);
    await read(anthropic.messages.create({ ...message, stream: true }));
    await google.models.generateContent(gemini);
    await read(google.models.generateContentStream(gemini));
    await google.interactions.create(interaction, { headers });
    await read(google.interactions.create({ ...interaction, stream: true }, { headers }));
    await openai.embeddings.create({ model: 'text-embedding-3-small', input: S.embedded });
    await new OpenAI({ ...options, baseURL: '${refusing.url}' }).chat.completions.create(chat).catch(() => {});
    await new Anthropic({ ...options, baseURL: '${refusing.url}' }).messages.create(message).catch(() => {});
    await require('tokenmeter').flush();
    await post('/events', events);
  })();`;

const YAML = `
budgets:
  - { name: all, per: day, usd: 0.0001, actions: [log] }
`;

async function run(capture?: string): Promise<Left & { readonly ended: Ended }> {
  const app = new AppFolder({ 'app.cjs': APP(), 'tokenmeter.yaml': YAML });
  folders.push(app);
  received = [];
  const ended = await runNode(app, [...REQUIRE, 'app.cjs'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    TOKENMETER_LEDGER: '1',
    TOKENMETER_STATUS: '1',
    TOKENMETER_SUMMARY: '1',
    ...(capture === undefined
      ? { OTEL_LOG_LEVEL: 'debug' }
      : { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: capture }),
  });
  const sent = (path: string): string =>
    received
      .filter(({ url }) => url === path)
      .map(({ text }) => text)
      .join('\n');
  return {
    ended,
    traces: sent('/v1/traces'),
    metrics: sent('/v1/metrics'),
    events: sent('/events'),
    files: filesBelow(join(app.path, '.tokenmeter')),
    printed: ended.stdout + ended.stderr,
  };
}

function filesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

/** The places whose secret is in a text. */
function secretsIn(text: string): string[] {
  return Object.entries(SECRET)
    .filter(([, secret]) => text.includes(secret))
    .map(([place]) => place);
}

/** Three SDKs and an OpenTelemetry SDK are loaded. */
const LONG = 180_000;

describe('by default', { timeout: LONG }, () => {
  test('nothing that was said leaves the process, by no way', async () => {
    const { ended, ...left } = await run();
    expect(ended.code, ended.stderr).toBe(0);
    expect(left.traces).toContain('gen_ai.usage.input_tokens');
    expect(left.traces).toContain('{"key":"error.type","value":{"stringValue":"400"}}');
    for (const way of ['metrics', 'files', 'printed'] as const) expect(left[way]).toMatch(/gpt-4o-mini/);
    for (const model of ['claude-haiku-4-5', 'gpt-realtime']) expect(left.files).toContain(model);
    for (const [way, text] of Object.entries(left)) expect([way, ...secretsIn(text)]).toEqual([way]);
  });
});

describe('opted in', { timeout: LONG }, () => {
  test('it is where it was asked for, and nowhere else', async () => {
    const { ended, ...left } = await run('SPAN_AND_EVENT');
    expect(ended.code, ended.stderr).toBe(0);
    for (const [way, text] of Object.entries(left)) {
      const asked = way === 'traces' || way === 'events';
      expect([way, ...secretsIn(text)]).toEqual(asked ? [way, ...SAID] : [way]);
    }
  });
});
