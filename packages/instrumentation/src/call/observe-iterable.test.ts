import type { CallRecord } from '@tokenmeter/ledger';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { untilCollected } from '../testing/lab.ts';
import { Call } from './call.ts';
import type { Method } from './facts.ts';
import { observeIterable } from './observe-iterable.ts';
import { configureRuntime, endOpenCalls, openCallCount } from './runtime.ts';

const method: Method = {
  name: 'test',
  request: () => ({ operation: 'chat', model: 'gpt-4o-mini', stream: true, attributes: {} }),
  response: () => ({ outputCharacters: 0 }),
  stream: () => {
    let outputCharacters = 0;
    return {
      read: () => {
        outputCharacters += 1;
      },
      facts: () => ({ outputCharacters, id: String(outputCharacters) }),
    };
  },
  inputCharacters: () => 400,
};

const records: CallRecord[] = [];
beforeEach(() => {
  endOpenCalls();
  records.length = 0;
  configureRuntime({ sinks: [(record) => records.push(record)] });
});

async function* numbers(length: number): AsyncGenerator<number> {
  for (let at = 0; at < length; at++) yield at;
}

/** A class of an SDK's. */
class Items {
  readonly length: number;
  constructor(length: number) {
    this.length = length;
  }
  [Symbol.asyncIterator](): AsyncGenerator<number> {
    return numbers(this.length);
  }
}

/** The same as a readable stream that gives one item for each pull. */
class Events extends ReadableStream<number> {
  constructor(length: number) {
    const source = numbers(length);
    super(
      {
        async pull(controller) {
          const { done, value } = await source.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      },
      { highWaterMark: 0 },
    );
  }
}

/** An object made for one answer. */
const literal = (length: number) => ({ [Symbol.asyncIterator]: () => numbers(length) });

const SOURCES: readonly (readonly [string, (length: number) => AsyncIterable<number>])[] = [
  ['a class', (length) => new Items(length)],
  ['a readable stream', (length) => new Events(length)],
  ['an object', literal],
];

function watched<T extends object>(stream: T): T {
  observeIterable(stream, new Call(method, {}, { provider: 'openai' }));
  return stream;
}

async function drain(stream: AsyncIterable<number>, until = Number.POSITIVE_INFINITY): Promise<number[]> {
  const items: number[] = [];
  for await (const item of stream) {
    items.push(item);
    if (items.length === until) break;
  }
  return items;
}

test.each(SOURCES)('%s looks the same, and its call is read to the end', async (_, make) => {
  const plain = make(4);
  const stream = watched(make(4));
  const own = Object.getOwnPropertyDescriptors(plain);
  expect(Object.keys(Object.getOwnPropertyDescriptors(stream))).toEqual(Object.keys(own));
  expect(Object.getOwnPropertySymbols(stream)).toHaveLength(Object.getOwnPropertySymbols(plain).length);
  expect(await drain(stream)).toEqual([0, 1, 2, 3]);
  expect(records).toMatchObject([{ outcome: 'completed', responseId: '4' }]);
});

test.each(SOURCES)('%s that is left early is canceled', async (_, make) => {
  await drain(watched(make(4)), 2);
  expect(records).toMatchObject([{ outcome: 'canceled', responseId: '2' }]);
});

test.each(SOURCES)('%s that nobody reads is abandoned when it is collected', async (_, make) => {
  watched(make(4));
  expect((await untilCollected(() => records[0])).outcome).toBe('abandoned');
});

test('one that nobody watches is left alone by the hook of its class', async () => {
  watched(new Items(1));
  expect(await drain(new Items(3))).toEqual([0, 1, 2]);
  expect(records).toEqual([]);
});

test('a reader is watched', async () => {
  const reader = watched(new Events(2)).getReader();
  expect(await reader.read()).toEqual({ done: false, value: 0 });
  await reader.read();
  expect(await reader.read()).toEqual({ done: true, value: undefined });
  expect(records).toMatchObject([{ outcome: 'completed', responseId: '2' }]);
});

test('a reader that cancels is canceled', async () => {
  const reader = watched(new Events(4)).getReader();
  await reader.read();
  await reader.cancel('enough');
  expect(records).toMatchObject([{ outcome: 'canceled', responseId: '1' }]);
});

test('tee: both branches give everything, and it counts once', async () => {
  const [left, right] = watched(new Events(3)).tee() as unknown as [AsyncIterable<number>, AsyncIterable<number>];
  expect(await Promise.all([drain(left), drain(right)])).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
  expect(records).toMatchObject([{ outcome: 'completed', responseId: '3' }]);
});

const action = fc.constantFrom('next' as const, 'return' as const, 'throw' as const);

test('any interleaving of next, return and throw ends the call exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SOURCES),
      fc.array(action, { maxLength: 8 }),
      fc.nat(5),
      async ([, make], actions, length) => {
        records.length = 0;
        const iterator = watched(make(length))[Symbol.asyncIterator]();
        for (const step of [...actions, 'return' as const])
          await (step === 'throw' ? iterator.throw?.(new Error('by the app')) : iterator[step]?.())?.catch(() => {});
        expect(records).toHaveLength(1);
        expect(openCallCount()).toBe(0);
      },
    ),
  );
});
