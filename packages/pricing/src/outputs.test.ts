import { expect, test } from 'vitest';
import { MOST_OUTPUT_OF_ANY, mostOutputTokens } from './outputs.ts';

test('the most output of a model is what its maker states, under any name of its row', () => {
  expect(mostOutputTokens('gpt-4o')).toBe(16_384);
  expect(mostOutputTokens('openai/gpt-4o')).toBe(16_384);
  expect(mostOutputTokens('openrouter/openai/gpt-4.1-nano')).toBe(32_768);
  expect(mostOutputTokens('Claude-Haiku-4-5')).toBe(64_000);
});

test('a model that nobody states anything of is taken to write a lot', () => {
  expect(mostOutputTokens('my-own-model')).toBe(MOST_OUTPUT_OF_ANY);
  // Nothing is matched by its beginning.
  expect(mostOutputTokens('gpt-4o-of-tomorrow')).toBe(MOST_OUTPUT_OF_ANY);
});
