import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FakeProvider, startFakeProvider } from '../server.ts';

let provider: FakeProvider;
let client: GoogleGenAI;
beforeAll(async () => {
  provider = await startFakeProvider();
  client = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: provider.geminiBaseUrl } });
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const REQUEST = { model: 'gemini-2.5-flash', contents: 'Tell me about meters.' };

test('an answer has the usage that was counted: thoughts stand beside the candidates', async () => {
  const { usageMetadata, text } = await client.models.generateContent(REQUEST);
  const [entry] = provider.served().entries;
  expect(text).toBeTruthy();
  expect(usageMetadata?.promptTokenCount).toBe(entry?.consumed?.input);
  expect((usageMetadata?.candidatesTokenCount ?? 0) + (usageMetadata?.thoughtsTokenCount ?? 0)).toBe(
    entry?.consumed?.output,
  );
});

test('the usage of a stream is cumulative: the last chunk has the totals', async () => {
  let last: { promptTokenCount?: number; totalTokenCount?: number } | undefined;
  let text = '';
  for await (const chunk of await client.models.generateContentStream(REQUEST)) {
    text += chunk.text ?? '';
    last = chunk.usageMetadata;
  }
  const consumed = provider.served().entries[0]?.consumed;
  expect(text).toBeTruthy();
  expect(last?.totalTokenCount).toBe((consumed?.input ?? 0) + (consumed?.output ?? 0));
});

test('an error has the status that was asked for', async () => {
  provider.next({ fault: '429' });
  await expect(client.models.generateContent(REQUEST)).rejects.toMatchObject({ status: 429 });
});

test('embeddings and token counts are answered; counting is free', async () => {
  const { embeddings } = await client.models.embedContent({ model: 'gemini-embedding-001', contents: ['a', 'b'] });
  expect(embeddings).toHaveLength(2);
  const { totalTokens } = await client.models.countTokens(REQUEST);
  expect(totalTokens).toBeGreaterThan(0);
  expect(provider.served().entries.at(-1)?.free).toBe(true);
});
