/** The Vercel AI SDK in whole processes: each call of a model is counted once, with what the app gave as metadata. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  expectCountedOnce,
  type FrameworkApp,
  named,
  openFrameworkApp,
  SYSTEMS,
  type System,
  tokenmeter,
} from './framework-app.ts';
import { type OtlpSink, otlp, startOtlpSink } from './harness.ts';

let app: FrameworkApp;
let sink: OtlpSink;
beforeAll(async () => {
  app = await openFrameworkApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  sink = await startOtlpSink();
});
afterEach(() => sink.close());

/** `said(feature)`: the options of a call that say whom it is for, in the words of that version. */
function script(version: number, lines: string): string {
  const said =
    version === 7
      ? '(feature, on) => ({ runtimeContext: { feature }, telemetry: { isEnabled: on ?? true } })'
      : '(feature, on = false) => ({ experimental_telemetry: { isEnabled: on, metadata: { feature } } })';
  return `globalThis.AI_SDK_LOG_WARNINGS = false;
    const ai = await load('ai');
    const { createOpenAI } = await load('@ai-sdk/openai');
    const openai = createOpenAI({ apiKey: 'x', baseURL: '${app.provider.openaiBaseUrl}' });
    const said = ${said};
    const { z } = await load('zod');
    ${lines}`;
}

const VERSIONS = [5, 6, 7].flatMap((version) => SYSTEMS.map((system): [number, System] => [version, system]));

describe.each(VERSIONS)('ai %i, %s', (version, system) => {
  const run = (lines: string, env = {}) => app.run(`ai-${version}`, system, script(version, lines), env);

  test('texts, streams and embeddings, by each API of the provider', async () => {
    const spans = await run(`
      for (const model of [openai.chat('gpt-4o-mini'), openai.responses('gpt-4o')]) {
        await ai.generateText({ model, prompt: 'hi', ...said('text') });
        for await (const _ of ai.streamText({ model, prompt: 'hi', ...said('stream') }).textStream);
      }
      await ai.embed({ model: openai.embedding?.('text-embedding-3-small') ?? openai.textEmbeddingModel('text-embedding-3-small'), value: 'hello', ...said('embed') });
      await ai.generateObject({ model: openai.chat('gpt-4.1'), schema: z.object({ a: z.string() }), prompt: 'hi' });`);
    expectCountedOnce(spans, app.provider);
    expect(named(spans)).toEqual([
      'embed text-embedding-3-small',
      'stream gpt-4o',
      'stream gpt-4o-mini',
      'text gpt-4o',
      'text gpt-4o-mini',
      'untagged gpt-4.1',
    ]);
    for (const span of spans) {
      expect(span).toMatchObject({
        'gen_ai.provider.name': 'openai',
        'tokenmeter.cost.status': 'priced',
        'tokenmeter.outcome': 'completed',
        'server.address': '127.0.0.1',
      });
    }
  });

  test('each step of a loop is a call; a tool that asks a model of its own adds one', async () => {
    const spans = await run(`
      const { withFeature } = await load(${tokenmeter(system)});
      const tools = { search: ai.tool({
        inputSchema: z.object({}),
        execute: async () => (await ai.generateText({ model: openai.chat('gpt-4.1-nano'), prompt: 'hi' })).text,
      }) };
      const loop = { model: openai.chat('gpt-4o-mini'), prompt: 'hi', tools, stopWhen: ai.stepCountIs(3) };
      await ai.generateText({ ...loop, ...said('loop') });
      for await (const _ of ai.streamText({ ...loop, ...said('streamed') }).textStream);
      await withFeature('own', () => ai.generateText({ model: openai.chat('gpt-4o'), prompt: 'hi', ...said('meta') }));`);
    expectCountedOnce(spans, app.provider);
    expect(named(spans)).toEqual([
      'loop gpt-4.1-nano',
      'loop gpt-4o-mini',
      'loop gpt-4o-mini',
      'own gpt-4o',
      'streamed gpt-4.1-nano',
      'streamed gpt-4o-mini',
      'streamed gpt-4o-mini',
    ]);
  });

  test('middleware is no model: what it answers from a cache is no call', async () => {
    const spans = await run(`
      let cached;
      const cache = { wrapGenerate: async ({ doGenerate }) => (cached ??= await doGenerate()) };
      const model = ai.wrapLanguageModel({ model: openai.chat('gpt-4o-mini'), middleware: cache });
      await ai.generateText({ model, prompt: 'hi' });
      await ai.generateText({ model, prompt: 'hi' });`);
    expect(spans).toHaveLength(1);
    expectCountedOnce(spans, app.provider);
  });

  test('a refusal costs nothing, and a stream that the app leaves is estimated', async () => {
    const spans = await run(`
      const refuse = { 'x-fake-fault': '429' };
      await ai.generateText({ model: openai.chat('gpt-4o'), prompt: 'hi', maxRetries: 0, headers: refuse }).catch(() => {});
      const slow = { 'x-fake-plan': JSON.stringify({ chunks: 50, chunkDelayMs: 20 }) };
      const controller = new AbortController();
      const { textStream } = ai.streamText({ model: openai.chat('gpt-4o-mini'), prompt: 'hi', headers: slow, abortSignal: controller.signal });
      for await (const _ of textStream) controller.abort();`);
    const of = (model: string) => spans.filter((span) => span['gen_ai.request.model'] === model);
    expect(of('gpt-4o')).toEqual([
      expect.objectContaining({
        'tokenmeter.outcome': 'failed',
        'error.type': '429',
        'tokenmeter.cost.status': 'free',
      }),
    ]);
    expect(of('gpt-4o-mini')).toEqual([
      expect.objectContaining({ 'tokenmeter.outcome': 'canceled', 'tokenmeter.cost.status': 'estimated' }),
    ]);
  });

  test('where its own telemetry is on, its span is the span of the call', async () => {
    const on =
      version === 7
        ? `const { OpenTelemetry } = await load('@ai-sdk/otel'); ai.registerTelemetry(new OpenTelemetry());`
        : '';
    // The first call starts OpenTelemetry; a span that the AI SDK opened before is none.
    await run(
      `await ai.generateText({ model: openai.chat('gpt-4o'), prompt: 'hi' });
      ${on}
      await ai.generateText({ model: openai.chat('gpt-4o'), prompt: 'hi', ...said('text', true) });
      for await (const _ of ai.streamText({ model: openai.chat('gpt-4o'), prompt: 'hi', ...said('stream', true) }).textStream);`,
      otlp(sink),
    );
    const calls = sink
      .spans()
      .filter((span) => span['tokenmeter.cost.usd'] !== undefined || span.scope === 'tokenmeter');
    expect(
      calls.map((span) => [span['tokenmeter.feature'], span['tokenmeter.cost.status'], span.scope === 'tokenmeter']),
    ).toEqual([
      ['untagged', 'priced', true],
      ['text', 'priced', false],
      ['stream', 'priced', false],
    ]);
  });
});
