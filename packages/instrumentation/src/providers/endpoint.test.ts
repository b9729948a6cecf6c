import { expect, test } from 'vitest';
import { endpointOf } from './endpoint.ts';

test('the host says who runs the endpoint, and the SDK where the host is unknown', () => {
  expect(endpointOf({ baseURL: 'https://api.openai.com/v1' }, 'sdk')).toEqual({
    provider: 'openai',
    address: 'api.openai.com',
    port: 443,
  });
  expect(endpointOf({ baseURL: 'http://127.0.0.1:8080/v1' }, 'sdk')).toEqual({
    provider: 'sdk',
    address: '127.0.0.1',
    port: 8080,
  });
});

test.each([
  ['http://localhost:11434/v1', 'ollama'],
  ['http://127.0.0.1:1234/v1', 'lm_studio'],
  ['http://vllm:8000/v1', 'vllm'],
  ['http://ollama.models.svc.cluster.local:80/v1', 'ollama'],
  // Anything may stand at a port like this, and at a host that is not one's own.
  ['http://localhost:8000/v1', 'sdk'],
  ['https://ollama.example.com:11434/v1', 'sdk'],
])('%s is run by %s', (baseURL, provider) => {
  expect(endpointOf({ baseURL }, 'sdk').provider).toBe(provider);
});

test('a base URL that changes is read again', () => {
  const client = { baseURL: 'http://a.test' };
  expect(endpointOf(client, 'sdk').address).toBe('a.test');
  client.baseURL = 'http://b.test:1';
  expect(endpointOf(client, 'sdk')).toEqual({ provider: 'sdk', address: 'b.test', port: 1 });
});

test.each([undefined, null, {}, { baseURL: 3 }, { baseURL: 'no url' }])(
  '%o is a client that says nothing',
  (client) => {
    expect(endpointOf(client, 'sdk')).toEqual({ provider: 'sdk' });
  },
);
