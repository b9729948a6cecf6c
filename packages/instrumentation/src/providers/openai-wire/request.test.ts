import { expect, test } from 'vitest';
import { chatRequest } from './request.ts';

test('several answers may each be as long as max_tokens says', () => {
  const request = chatRequest({ model: 'gpt-4o', n: 3, max_completion_tokens: 100, messages: [] });
  expect(request.maxOutputTokens).toBe(300);
  expect(request.attributes['gen_ai.request.max_tokens']).toBe(100);
});
