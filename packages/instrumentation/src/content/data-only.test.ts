import { expect, test } from 'vitest';
import { dataOnly } from './data-only.ts';

const code = (): never => {
  throw new Error('code of the app ran');
};
const traps = { get: code, has: code, ownKeys: code, getOwnPropertyDescriptor: code, getPrototypeOf: code };

test('data is as it was, at any depth', () => {
  const url = new URL('https://a.b/c.png');
  const value = { texts: ['a', 1, true, null], bytes: new Uint8Array(2), at: new Date(0), url, deep: [{ deeper: {} }] };
  expect(JSON.stringify(dataOnly(value))).toBe(JSON.stringify(value));
  const { bytes, url: same } = dataOnly(value) as typeof value;
  expect([bytes, same]).toEqual([value.bytes, url]);
  expect((dataOnly(Object.freeze([Object.freeze({ a: 1 })])) as object[]).map((one) => ({ ...one }))).toEqual([
    { a: 1 },
  ]);
  expect(dataOnly('text')).toBe('text');
});

test('what code of the app would give is left out, and the code does not run', () => {
  class Redacted {
    readonly secret = 'not sent';
    toJSON = code;
  }
  class Inherits extends Redacted {}
  const getter = { enumerable: true, get: code };
  const value = {
    kept: 1,
    proxied: new Proxy({}, traps),
    redacted: [new Redacted(), new Inherits(), Object.create(new Proxy({}, traps))],
    list: Object.defineProperty(['first', 'second', 'third'], '1', getter),
    call: code,
    date: Object.assign(new Date(0), { toISOString: code }),
  };
  Object.defineProperty(value, 'accessor', getter);
  expect(JSON.stringify(dataOnly(value))).toBe(JSON.stringify({ kept: 1, redacted: [], list: ['first', 'third'] }));
  expect(dataOnly(new Proxy([], traps))).toBeUndefined();
});

test('a class says what it holds, not what it computes', () => {
  class Message {
    readonly role = 'user';
    get content(): string {
      return code();
    }
  }
  const { role, content } = dataOnly(new Message()) as Partial<Message>;
  expect([role, content]).toEqual(['user', undefined]);
});

test('nothing is copied that nobody reads', () => {
  const cyclic: Record<string, unknown> = { name: 'tool' };
  cyclic.client = { tools: [cyclic] };
  expect((dataOnly(cyclic) as typeof cyclic).name).toBe('tool');
});

test('a key that names the prototype is data like any other', () => {
  const view = dataOnly(JSON.parse('{"__proto__":{"role":"admin"}}')) as { role?: unknown };
  expect(view.role).toBeUndefined();
  expect(JSON.stringify(view)).toBe('{"__proto__":{"role":"admin"}}');
});
