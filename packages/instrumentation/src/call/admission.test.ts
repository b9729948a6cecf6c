import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Permit } from '../plugs.ts';
import {
  ANTHROPIC_MAJORS,
  GOOGLE_GENAI_MAJORS,
  type Lab,
  loadSdk,
  OPENAI_MAJORS,
  openLab,
  type SdkFolder,
  until,
} from '../testing/lab.ts';
import { openCallCount } from './runtime.ts';

type Fetch = typeof fetch;

interface Streaming extends AsyncIterable<unknown> {
  on(event: string, listener: (error: unknown) => void): void;
}

interface OpenAiClient {
  readonly chat: {
    readonly completions: { create(params: object): Promise<unknown>; stream?(params: object): Streaming };
  };
}

interface AnthropicClient {
  readonly messages: { create(params: object): Promise<unknown>; stream(params: object): Streaming };
}

const MESSAGES = { messages: [{ role: 'user', content: 'Tell me about meters.' }] };
const refusal = new Error('over budget');

const exporter = new InMemorySpanExporter();
let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
afterAll(async () => {
  trace.disable();
  context.disable();
  propagation.disable();
  await lab.close();
});
beforeEach(() => exporter.reset());

interface GoogleClient {
  readonly models: { generateContent(params: object): Promise<unknown> };
}

interface Sdk {
  create(params?: object): Promise<unknown>;
  stream?(): Streaming;
}

function open(folder: SdkFolder, fetch?: Fetch): Sdk {
  const more = { maxRetries: 2, ...(fetch && { fetch }) };
  if (folder.startsWith('openai')) {
    const OpenAI = loadSdk<OpenAiClient>(folder);
    const { completions } = new OpenAI({ apiKey: 'x', baseURL: lab.provider.openaiBaseUrl, ...more }).chat;
    const params = { model: 'gpt-4o-mini', ...MESSAGES };
    const stream = completions.stream && (() => (completions.stream as (params: object) => Streaming)(params));
    return { create: (changes) => completions.create({ ...params, ...changes }), stream };
  }
  if (folder.startsWith('google')) {
    const GoogleGenAI = loadSdk<GoogleClient>(folder);
    const { models } = new GoogleGenAI({ apiKey: 'x', httpOptions: { baseUrl: lab.provider.geminiBaseUrl } });
    const params = { model: 'gemini-2.5-flash', contents: 'Tell me about meters.' };
    return { create: (changes) => models.generateContent({ ...params, ...changes }) };
  }
  const Anthropic = loadSdk<AnthropicClient>(folder);
  const { messages } = new Anthropic({ apiKey: 'x', baseURL: lab.provider.anthropicBaseUrl, ...more });
  const params = { model: 'claude-sonnet-4-5', max_tokens: 100, ...MESSAGES };
  return { create: (changes) => messages.create({ ...params, ...changes }), stream: () => messages.stream(params) };
}

const CHEAPER = [
  ['openai', 'gpt-4.1-nano'],
  ['anthropic', 'claude-haiku-4-5'],
  ['google', 'gemini-2.5-flash-lite'],
] as const;

function later<T>(value: T, milliseconds = 20): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value));
}

describe.each([...OPENAI_MAJORS, ...ANTHROPIC_MAJORS, ...GOOGLE_GENAI_MAJORS])('%s', (folder) => {
  const served = (): number => lab.provider.served().entries.length;

  test('a decision that comes late refuses the call: no attempt, no retry, no span, no record', async () => {
    const sdk = open(folder);
    const ended: string[] = [];
    lab.begin({ admission: () => ({ pending: later(refusal), end: () => ended.push('end') }) });
    await expect(sdk.create()).rejects.toBe(refusal);
    expect(served()).toBe(0);
    expect(lab.records).toEqual([]);
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(ended).toEqual(['end']);
    expect(openCallCount()).toBe(0);
  });

  test('a decision that comes late allows the call, whose span has its start and is the parent of what the request does', async () => {
    const seen: (string | undefined)[] = [];
    const sdk = open(folder, (...args) => {
      seen.push(trace.getSpanContext(context.active())?.spanId);
      return fetch(...args);
    });
    const ended: Permit[] = [];
    lab.begin({
      admission: () => {
        const permit: Permit = { pending: later(undefined, 60), end: () => ended.push(permit) };
        return permit;
      },
    });
    const before = Date.now();
    await sdk.create();
    const record = await lab.record();
    const spans = await until(() => (exporter.getFinishedSpans().length > 0 ? exporter.getFinishedSpans() : undefined));
    expect(spans).toHaveLength(1);
    // Google's clients take no fetch.
    if (!folder.startsWith('google')) expect(seen).toEqual([record.spanId]);
    expect(record.startTime - before).toBeLessThan(50);
    expect(record.duration).toBeGreaterThanOrEqual(55);
    expect(ended).toHaveLength(1);
  });

  test('a refused stream of a helper says so by its error event', async () => {
    const sdk = open(folder);
    for (const decision of [refusal, { pending: later(refusal) }]) {
      lab.begin({ admission: () => decision });
      const stream = sdk.stream?.();
      if (!stream) return;
      const error = await new Promise((resolve) => stream.on('error', resolve));
      expect([error, (error as { cause?: unknown }).cause]).toContain(refusal);
      expect(served()).toBe(0);
    }
  });

  test("another model goes out in place of the one asked for, and the caller's parameters stay what they are", async () => {
    const sdk = open(folder);
    const cheaper = CHEAPER.find(([name]) => folder.startsWith(name))?.[1] ?? '';
    lab.begin({ admission: () => ({ model: cheaper }) });
    const params = Object.freeze(folder.startsWith('google') ? { config: {} } : { metadata: {} });
    const before = structuredClone(params);
    await sdk.create(params);
    expect(await lab.record()).toMatchObject({ requestModel: cheaper });
    expect(JSON.stringify(lab.provider.served().entries)).toContain(cheaper);
    expect(params).toEqual(before);
  });

  test('whoever decides sees the length of the prompt', async () => {
    const lengths: number[] = [];
    const sdk = open(folder);
    lab.begin({
      admission: (request) => {
        lengths.push(request.inputCharacters());
        return undefined;
      },
    });
    await sdk.create();
    expect(lengths[0]).toBeGreaterThanOrEqual('Tell me about meters.'.length);
  });
});
