import { expect, test } from 'vitest';
import { createPricer } from './pricer.ts';
import { refuseUnknownModels, UnknownModelError } from './unknown-model.ts';

const startTime = Date.parse('2026-11-20T12:00:00Z');
const refuse = refuseUnknownModels(createPricer({ aliases: { 'azure/my-deployment': 'openai/gpt-4o' } }));

test.each([
  ['openai', 'gpt-4o', undefined],
  ['azure.ai.openai', 'my-deployment', undefined],
  ['openai', 'omni-moderation-latest', undefined],
  ['openai', 'llama-3.3-70b-versatile', 'api.groq.com'],
  ['ollama', 'llama3.2', '127.0.0.1'],
  ['openai', undefined, undefined],
])('%s %s at %s may go', (provider, requestModel, serverAddress) => {
  expect(refuse({ provider, requestModel, serverAddress, startTime })).toBeUndefined();
});

test.each([
  ['openai', 'gpt-99', undefined],
  ['openai', 'gpt-6-cyber', undefined],
  ['openai', 'gpt-4o', 'api.groq.com'],
  ['azure.ai.openai', 'other-deployment', undefined],
])('%s %s at %s may not', (provider, requestModel, serverAddress) => {
  const error = refuse({ provider, requestModel, serverAddress, startTime });
  expect(error).toBeInstanceOf(UnknownModelError);
  expect(error).toMatchObject({ name: 'UnknownModelError', provider, model: requestModel });
  expect(error?.message).toContain(requestModel);
  expect(error?.message).toContain('prices.overrides');
});

test('a price that is announced for later does not hold yet', () => {
  const call = { provider: 'openai', requestModel: 'gpt-6.1-terra' };
  const from = Date.parse('2026-10-26T00:00:00Z');
  expect(refuse({ ...call, startTime: from - 1000 })).toBeInstanceOf(UnknownModelError);
  expect(refuse({ ...call, startTime: from })).toBeUndefined();
});
