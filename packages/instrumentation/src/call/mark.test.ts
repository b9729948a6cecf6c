import { expect, test } from 'vitest';
import { createMark } from './mark.ts';

test('a mark is found again, on that object only, and the last one counts', () => {
  const mark = createMark<number>();
  const object = {};
  expect(mark.get(object)).toBeUndefined();
  mark.set(object, 1);
  mark.set(object, 2);
  expect(mark.get(object)).toBe(2);
  expect(mark.get({})).toBeUndefined();
});

test('marks do not know each other', () => {
  const object = {};
  const [one, other] = [createMark<string>(), createMark<string>()];
  one.set(object, 'one');
  expect(other.get(object)).toBeUndefined();
});

test('the app sees nothing of it', () => {
  const promise = Promise.resolve();
  createMark<string>().set(promise, 'ours');
  expect(Reflect.ownKeys(promise)).toEqual([]);
  expect(Object.getPrototypeOf(promise)).toBe(Promise.prototype);
});
