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
