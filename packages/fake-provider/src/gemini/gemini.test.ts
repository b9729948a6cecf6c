import { ApiError, GoogleGenAI, Type } from '@google/genai';
import { expect, test } from 'vitest';
import { all, bench, failure, LONG } from '../testing.ts';

const { server, gemini, last } = await bench();
const request = { model: 'gemini-2.5-flash', contents: LONG };
const schema = { type: Type.OBJECT, properties: { city: { type: Type.STRING } } };
const tools = [{ functionDeclarations: [{ name: 'get_weather', parameters: schema }] }];

test('usage adds up, and is what the server counted', async () => {
  server.next({ usage: { input: 1200, output: 380, cacheRead: 1000, reasoning: 300 } });
  const body = await gemini.models.generateContent(request);
  expect(body.usageMetadata).toMatchObject({
    promptTokenCount: 1200,
    candidatesTokenCount: 80,
    thoughtsTokenCount: 300,
    cachedContentTokenCount: 1000,
    totalTokenCount: 1580,
  });
  expect(body.modelVersion).toBe('gemini-2.5-flash');
  expect(body.text).toMatch(/\w/);
  expect(last()).toMatchObject({
    provider: 'gemini',
    operation: 'generate_content',
    requestModel: 'gemini-2.5-flash',
    responseModel: 'gemini-2.5-flash',
    responseId: body.responseId,
    usage: body.usageMetadata,
    consumed: { input: 1200, output: 380 },
  });
  expect(body.sdkHttpResponse?.headers?.['x-gemini-service-tier']).toBe('standard');
});

test('input is the prompt, drawn output stays below the maximum', async () => {
  const body = await gemini.models.generateContent({ ...request, config: { maxOutputTokens: 20 } });
  expect(body.usageMetadata?.promptTokenCount).toBe(LONG.length / 4);
  expect((body.usageMetadata?.totalTokenCount ?? 0) - LONG.length / 4).toBeLessThanOrEqual(20);
});

test('a stream repeats usage on each chunk, growing, and the last has the totals', async () => {
  const chunks = await all(await gemini.models.generateContentStream(request));
  const outputs = chunks.map((chunk) => chunk.usageMetadata?.candidatesTokenCount ?? 0);
  expect(chunks.length).toBeGreaterThan(2);
  expect(outputs).toEqual([...outputs].sort((left, right) => left - right));
  expect(chunks.at(-1)?.usageMetadata).toEqual(last().usage);
  expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
  expect(chunks.slice(0, -1).some((chunk) => chunk.candidates?.[0]?.finishReason)).toBe(false);
});

test('chats, JSON for a schema, function calls', async () => {
  const chat = gemini.chats.create({ model: request.model });
  expect((await chat.sendMessage({ message: 'hello' })).text).toMatch(/\w/);
  const config = { responseMimeType: 'application/json', responseSchema: schema };
  expect(JSON.parse((await gemini.models.generateContent({ ...request, config })).text ?? '')).toEqual({
    city: expect.any(String),
  });
  const called = await gemini.models.generateContent({ ...request, config: { tools } });
  expect(called.functionCalls?.[0]).toMatchObject({ name: 'get_weather', args: { city: expect.any(String) } });
  const chunks = await all(await gemini.models.generateContentStream({ ...request, config: { tools } }));
  expect(chunks.flatMap((chunk) => chunk.functionCalls ?? []).map((call) => call.name)).toEqual(['get_weather']);
});

test('embeddings, one for each text', async () => {
  const body = await gemini.models.embedContent({
    model: 'gemini-embedding-001',
    contents: ['12345678', '1234'],
    config: { outputDimensionality: 4 },
  });
  expect(body.embeddings?.map((one) => one.values?.length)).toEqual([4, 4]);
  expect(last()).toMatchObject({ operation: 'embed_content', consumed: { input: 3, output: 0 } });
  const single = await fetch(`${server.geminiBaseUrl}/v1beta/models/gemini-embedding-001:embedContent`, {
    method: 'POST',
    body: JSON.stringify({ content: { parts: [{ text: '1234' }] } }),
  });
  expect(await single.json()).toMatchObject({
    embedding: { values: expect.any(Array) },
    usageMetadata: { promptTokenCount: 1 },
  });
});

test('counting tokens costs nothing, and agrees with the call', async () => {
  expect((await gemini.models.countTokens(request)).totalTokens).toBe(LONG.length / 4);
  expect(server.served().totals).toMatchObject({ calls: 0, free: 1 });
});

test('errors are ApiErrors, in a stream as well', async () => {
  server.next({ fault: '429' }, { fault: '404' }, { fault: 'error-event; after=2' });
  expect(await failure(gemini.models.generateContent(request))).toMatchObject({ name: 'ApiError', status: 429 });
  const missing = await failure(gemini.models.generateContent(request));
  expect(JSON.parse(missing.message)).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
  const broken = await failure(all(await gemini.models.generateContentStream(request)));
  expect(broken).toBeInstanceOf(ApiError);
  expect(broken).toMatchObject({ status: 503 });
  expect(last()).toMatchObject({ outcome: 'broken', chunks: { sent: 2 } });
});

test('Vertex AI: the tier stands in the body, and other models predict', async () => {
  const vertex = new GoogleGenAI({ vertexai: true, apiKey: 'test', httpOptions: { baseUrl: server.geminiBaseUrl } });
  const body = await vertex.models.generateContent(request);
  expect(body.usageMetadata?.trafficType).toBe('ON_DEMAND');
  expect(last()).toMatchObject({ requestModel: request.model, usage: body.usageMetadata });
  const chunks = await all(await vertex.models.generateContentStream(request));
  expect(chunks.at(-1)?.usageMetadata).toEqual(last().usage);
  const embedded = await vertex.models.embedContent({ model: 'text-embedding-005', contents: ['12345678', '1234'] });
  expect(embedded.embeddings?.map((one) => one.statistics?.tokenCount)).toEqual([2, 1]);
  const project = `${server.geminiBaseUrl}/v1/projects/p/locations/global/publishers/google/models`;
  const images = await fetch(`${project}/imagen-4.0-generate-001:predict`, {
    method: 'POST',
    body: JSON.stringify({ instances: [{ prompt: 'A meter' }], parameters: { sampleCount: 2 } }),
  });
  expect(await images.json()).toMatchObject({ predictions: [{ mimeType: 'image/png' }, {}] });
  expect(last()).toMatchObject({ operation: 'generate_images', requestModel: 'imagen-4.0-generate-001' });
});

test('pictures of generated content', async () => {
  const body = await gemini.models.generateContent({ ...request, config: { responseModalities: ['IMAGE'] } });
  expect(body.candidates?.[0]?.content?.parts?.[0]?.inlineData?.mimeType).toBe('image/png');
  expect(body.usageMetadata?.candidatesTokensDetails?.[0]?.modality).toBe('IMAGE');
});

test('interactions, whole and as events', async () => {
  server.next({ usage: { input: 1200, output: 380, reasoning: 300 } });
  const whole = await gemini.interactions.create({ model: request.model, input: LONG });
  const usage = { total_input_tokens: 1200, total_output_tokens: 80, total_thought_tokens: 300, total_tokens: 1580 };
  expect(whole).toMatchObject({ status: 'completed', model: request.model, usage });
  expect(last()).toMatchObject({ operation: 'interactions', responseId: whole.id, consumed: { output: 380 } });
  const events = await all(await gemini.interactions.create({ model: request.model, input: LONG, stream: true }));
  expect(events[0]?.event_type).toBe('interaction.created');
  expect(events.at(-1)).toMatchObject({ event_type: 'interaction.completed', interaction: { usage: last().usage } });
});

test('interactions think, search, and call functions, in the same steps whole and as events', async () => {
  const asked = { model: request.model, input: LONG, generation_config: { thinking_summaries: 'auto' as const } };
  const wanted = { type: 'function' as const, name: 'get_weather', parameters: { type: 'object', properties: {} } };
  const types = (steps: readonly { type: string }[] = []) => steps.map(({ type }) => type);
  const called = await gemini.interactions.create({ ...asked, tools: [wanted] });
  expect(called).toMatchObject({ status: 'requires_action', steps: [{ type: 'thought' }, { name: 'get_weather' }] });
  const result = { type: 'function_result' as const, call_id: '1', name: 'get_weather', result: 'sunny' };
  const answered = await gemini.interactions.create({ ...asked, tools: [wanted], input: [result] });
  expect(types(answered.steps)).toEqual(['thought', 'model_output']);
  const searching = { ...asked, tools: [{ type: 'google_search' as const }] };
  const steps = ['thought', 'google_search_call', 'google_search_result', 'model_output'];
  expect(types((await gemini.interactions.create(searching)).steps)).toEqual(steps);
  const events = await all(await gemini.interactions.create({ ...searching, stream: true }));
  expect(types(events.flatMap((event) => (event.event_type === 'step.start' ? [event.step] : [])))).toEqual(steps);
});

test('interactions as they were before May 2026, for who asks for it', async () => {
  const ask = async (more: object) => {
    const response = await fetch(`${server.geminiBaseUrl}/v1beta/interactions`, {
      method: 'POST',
      headers: { 'Api-Revision': '2026-05-06', 'x-fake-plan': '{"text":"Hello.","chunks":1}' },
      body: JSON.stringify({ model: request.model, input: LONG, ...more }),
    });
    return response.text();
  };
  expect(JSON.parse(await ask({}))).toMatchObject({
    outputs: [{ type: 'thought' }, { type: 'text', text: 'Hello.' }],
  });
  const names = [...(await ask({ stream: true })).matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
  const content = ['content.start', 'content.delta', 'content.stop'];
  expect(names).toEqual(['interaction.start', ...content, ...content, 'interaction.complete']);
});

test('an interaction in the background is consumed once, and can be asked for', async () => {
  server.next({ polls: 1 });
  const opened = await gemini.interactions.create({ model: request.model, input: LONG, background: true });
  expect(opened).toMatchObject({ status: 'in_progress' });
  expect(opened.usage).toBeUndefined();
  const { interactions } = gemini;
  const seen = [await interactions.get(opened.id ?? ''), await interactions.get(opened.id ?? '')];
  expect(seen.map(({ status }) => status)).toEqual(['in_progress', 'completed']);
  expect(seen[1]?.steps[0]).toEqual({ type: 'user_input', content: [{ type: 'text', text: LONG }] });
  expect(last()).toMatchObject({ operation: 'interactions.retrieve', requestModel: undefined });
  expect(server.served().totals).toMatchObject({ calls: 1, free: 2 });
});
