import { expect, test } from 'vitest';
import { errorType, httpStatus, isAbort } from './errors.ts';

class RateLimitError extends Error {
  readonly status = 429;
}
class APIConnectionError extends Error {}
class APIUserAbortError extends Error {}

test.each([
  ['a status', new RateLimitError(), '429'],
  [
    "the provider's type, from a stream's error event",
    Object.assign(new Error(), { type: 'overloaded_error' }),
    'overloaded_error',
  ],
  ['the code of a system error', Object.assign(new Error(), { code: 'ECONNRESET' }), 'ECONNRESET'],
  ['the class', new APIConnectionError(), 'APIConnectionError'],
  ['what is no error at all', 'oops', 'string'],
  ['an object without a class', Object.create(null), 'Error'],
])('error.type is %s', (_, error, expected) => {
  expect(errorType(error)).toBe(expected);
});

test('an abort by the app is no error', () => {
  expect(isAbort(new APIUserAbortError())).toBe(true);
  expect(isAbort(new DOMException('stop', 'AbortError'))).toBe(true);
  expect(isAbort(Object.assign(new Error(), { name: 'RequestAbortedError' }))).toBe(true);
  expect(isAbort(new RateLimitError())).toBe(false);
});

test("an SDK's own error is an abort if it is made of one, and of no answer", () => {
  const cause = new DOMException('stop', 'AbortError');
  expect(isAbort(new Error('request failed', { cause }))).toBe(true);
  expect(isAbort(Object.assign(new Error('bad answer', { cause }), { statusCode: 500 }))).toBe(false);
});

test.each([[{ status: 429 }], [{ statusCode: 429 }], [{ status_code: 429 }], [{ $metadata: { httpStatusCode: 429 } }]])(
  '%o has a status',
  (fields) => {
    const error = Object.assign(new Error(), fields);
    expect(httpStatus(error)).toBe(429);
    expect(errorType(error)).toBe('429');
  },
);

test('a status is a number or nothing', () => {
  expect(httpStatus(new RateLimitError())).toBe(429);
  expect(httpStatus(undefined)).toBeUndefined();
  expect(httpStatus({ status: '429' })).toBeUndefined();
});

test('a time-out that an SDK makes of an abort of its own is no abort of the app', () => {
  class APIConnectionTimeoutError extends Error {}
  const cause = Object.assign(new Error(), { name: 'AbortError' });
  expect(isAbort(new APIConnectionTimeoutError('', { cause }))).toBe(false);
  expect(isAbort(new Error('', { cause }))).toBe(true);
});
