import { expect, test } from 'vitest';
import { chatRequest } from './request.ts';

test('several answers may each be as long as max_tokens says', () => {
  const request = chatRequest({ model: 'gpt-4o', n: 3, max_completion_tokens: 100, messages: [] });
  expect(request.maxOutputTokens).toBe(300);
  expect(request.attributes['gen_ai.request.max_tokens']).toBe(100);
});

test('code of the app that stands behind a parameter is not run: it may hand out another model to each reader', () => {
  const models = ['gpt-4o', 'gpt-4o-mini'];
  const params = {
    get model() {
      return models.shift();
    },
    stream: true,
    temperature: 0.5,
  };
  const request = chatRequest(params);
  expect(models).toHaveLength(2);
  expect(request).toMatchObject({ stream: true, attributes: { 'gen_ai.request.temperature': 0.5 } });
  expect(request.model).toBeUndefined();
  const stop = Object.defineProperty(['a', 'b'], '1', { enumerable: true, get: () => models.shift() });
  expect(chatRequest({ stop }).attributes['gen_ai.request.stop_sequences']).toEqual(['a']);
  chatRequest({ stop: new Proxy(['a'], { get: () => models.shift() }) });
  chatRequest(new Proxy(params, { get: () => models.shift(), ownKeys: () => [String(models.shift())] }));
  class Params {
    n = 2;
    get model() {
      return models.shift();
    }
  }
  expect(chatRequest(new Params())).toMatchObject({
    model: undefined,
    attributes: { 'gen_ai.request.choice.count': 2 },
  });
  expect(models).toHaveLength(2);
});

test('what a parameter object inherits counts as long as it is data', () => {
  const defaults = { model: 'gpt-4o', temperature: 0.5 };
  const params = Object.assign(Object.create(defaults) as object, { temperature: 1 });
  expect(chatRequest(params)).toMatchObject({ model: 'gpt-4o', attributes: { 'gen_ai.request.temperature': 1 } });
});
