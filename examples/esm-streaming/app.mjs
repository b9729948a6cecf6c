// Three ways to read a stream. The app never asks for usage and never sees a chunk that it did not ask for.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { withAttribution, withFeature } from 'tokenmeter';

const openai = new OpenAI();
const anthropic = new Anthropic();
const messages = [{ role: 'user', content: 'Write one paragraph about electricity meters.' }];

await withFeature('writer', async () => {
  const stream = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0].delta.content ?? '';
  console.log(`writer: ${text.length} characters`);
});

await withAttribution({ feature: 'assistant', tenant: 'acme' }, async () => {
  const stream = anthropic.messages.stream({ model: 'claude-haiku-4-5', max_tokens: 300, messages });
  const message = await stream.finalMessage();
  console.log(`assistant: stopped because of ${message.stop_reason}`);
});

// The reader has seen enough: the request is aborted, and what arrived is estimated and marked as such.
await withFeature('preview', async () => {
  const stream = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
  for await (const chunk of stream) if (chunk) break;
  console.log('preview: one chunk was enough');
});
