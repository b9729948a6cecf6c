import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { startFakeProvider } from './index.ts';

test('chat and messages', async () => {
  const server = await startFakeProvider();
  const openai = new OpenAI({ apiKey: 'k', baseURL: server.openaiBaseUrl });
  const anthropic = new Anthropic({ apiKey: 'k', baseURL: server.anthropicBaseUrl });
  const messages = [{ role: 'user' as const, content: 'hello '.repeat(2000) }];
  await anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 100, messages });
  server.next({ fault: '429; retry-after=0.01', attempts: 2 });
  await openai.chat.completions.create({ model: 'gpt-5-mini', messages });
  expect(server.served().totals.attempts).toBe(4);
  expect(server.served().totals.calls).toBe(2);
  await server.close();
});
