/** What one invocation of the app is: its calls, their spans, whose they are. */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { withFeature } from '../../attribution/index.ts';
import { instrument, patchedPackages } from '../../patching/packages.ts';
import { GOOGLE_GENAI_MAJORS, type Lab, loadSdk, openLab } from '../../testing/lab.ts';

interface Content {
  readonly usageMetadata?: { readonly promptTokenCount?: number; readonly candidatesTokenCount?: number };
}

interface Client {
  readonly models: {
    generateContent(params: object): Promise<Content>;
    generateContentStream(params: object): Promise<AsyncGenerator<Content>>;
    generateVideos(params: object): Promise<object>;
  };
}

const MODEL = 'gemini-2.5-flash';
const REQUEST = { model: MODEL, contents: 'Hello meter.' };

const weather = {
  tool: async () => ({ functionDeclarations: [{ name: 'weather', parameters: { type: 'OBJECT' } }] }),
  callTool: async () => [{ functionResponse: { name: 'weather', response: { sky: 'clear' } } }],
};

let lab: Lab;
const exporter = new InMemorySpanExporter();

beforeAll(async () => {
  lab = await openLab();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
afterAll(() => lab.close());
afterEach(() => {
  vi.unstubAllGlobals();
});

/** The first hop stops where it may go on; the second one goes on. */
const HOPS = [
  { prompt: 100, candidates: 50, end: { finishReason: 'CONTINUATION', continuationToken: 'more' } },
  { prompt: 160, candidates: 30, end: { finishReason: 'STOP' } },
].map(({ prompt, candidates, end }) => ({
  candidates: [{ content: { role: 'model', parts: [{ text: 'Hello.' }] }, index: 0, ...end }],
  usageMetadata: { promptTokenCount: prompt, candidatesTokenCount: candidates, totalTokenCount: prompt + candidates },
  modelVersion: MODEL,
}));

describe.each(GOOGLE_GENAI_MAJORS)('%s', (folder) => {
  const GoogleGenAI = loadSdk<Client>(folder);
  const open = (options: object = {}): Client => {
    lab.begin();
    exporter.reset();
    return new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: lab.provider.geminiBaseUrl }, ...options });
  };
  const spans = () => exporter.getFinishedSpans().filter(({ name }) => name.startsWith('generate_content'));

  test.each(['generateContent', 'generateContentStream'] as const)(
    'rounds of %s belong to whom the invocation belongs to, each with a span',
    async (method) => {
      const client = open();
      const tracer = trace.getTracer('app');
      await tracer.startActiveSpan('request', async (root) => {
        await withFeature('forecast', async () => {
          const result = await client.models[method]({ ...REQUEST, config: { tools: [weather] } });
          if ('next' in result) for await (const _ of result);
        });
        root.end();
      });
      expect(lab.records.map(({ attribution }) => attribution.feature)).toEqual(['forecast', 'forecast']);
      const root = exporter
        .getFinishedSpans()
        .find(({ name }) => name === 'request')
        ?.spanContext();
      expect(spans().map((span) => [span.name, span.parentSpanContext?.spanId])).toEqual([
        [`generate_content ${MODEL}`, root?.spanId],
        [`generate_content ${MODEL}`, root?.spanId],
      ]);
      expect(spans().map((span) => span.spanContext().spanId)).toEqual(lab.records.map(({ spanId }) => spanId));
      expect(spans()[0]?.attributes['tokenmeter.cost.usd']).toBe(lab.records[0]?.cost.usd);
    },
  );

  test('a failed call is a failed span', async () => {
    const config = { httpOptions: { headers: { 'x-fake-fault': '503' } } };
    await expect(open().models.generateContent({ ...REQUEST, config })).rejects.toThrow();
    expect(spans()[0]).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': '503' } });
  });

  test('a video is a call whose usage nobody tells', async () => {
    const client = open({ vertexai: true });
    vi.stubGlobal('fetch', async () => Response.json({ name: 'operations/1' }));
    await client.models.generateVideos({ model: 'veo-3.0-generate-001', source: { prompt: 'A meter' } });
    expect(await lab.record()).toMatchObject({
      requestModel: 'veo-3.0-generate-001',
      outcome: 'completed',
      cost: { status: 'usage_unknown' },
    });
  });

  test('the client class alone is enough', async () => {
    const before = patchedPackages().length;
    const warn = vi.spyOn(console, 'warn');
    instrument(GoogleGenAI);
    expect(warn).not.toHaveBeenCalled();
    expect(patchedPackages()).toHaveLength(before);
    await open().models.generateContent(REQUEST);
    expect(lab.records).toHaveLength(1);
  });
});

/** 1.x asks once, whatever comes. */
const CONTINUING = GOOGLE_GENAI_MAJORS.filter((folder) => !folder.startsWith('google-genai-1'));

describe.each(CONTINUING)('%s: each hop of an automatic continuation is a call', (folder) => {
  const GoogleGenAI = loadSdk<Client>(folder);
  const open = (): Client => {
    lab.begin();
    return new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: lab.provider.geminiBaseUrl } });
  };
  const answers = (form: (body: object) => string, type: string) => {
    const left = HOPS.map((body) => new Response(form(body), { headers: { 'content-type': type } }));
    return async () => left.shift();
  };
  const expected = HOPS.map(({ usageMetadata: { promptTokenCount: input, candidatesTokenCount: output } }) => ({
    input,
    output,
  }));

  test('whole, while the app gets the sum', async () => {
    const client = open();
    vi.stubGlobal('fetch', answers(JSON.stringify, 'application/json'));
    const answer = await client.models.generateContent(REQUEST);
    expect(answer.usageMetadata).toMatchObject({ promptTokenCount: 260, candidatesTokenCount: 80 });
    expect(lab.records.map(({ usage }) => usage)).toEqual(expected);
  });

  test('as a stream', async () => {
    const client = open();
    vi.stubGlobal(
      'fetch',
      answers((body) => `data: ${JSON.stringify(body)}\n\n`, 'text/event-stream'),
    );
    for await (const _ of await client.models.generateContentStream(REQUEST));
    expect(lab.records.map(({ usage, outcome }) => ({ ...usage, outcome }))).toEqual(
      expected.map((usage) => ({ ...usage, outcome: 'completed' })),
    );
  });
});
