import type { CallRecord } from '@tokenmeter/ledger';
import { beforeEach, expect, test } from 'vitest';
import { untilCollected } from '../testing/lab.ts';
import { Call } from './call.ts';
import type { Method } from './facts.ts';
import { observeStream } from './observe-stream.ts';
import { configureRuntime } from './runtime.ts';

const method: Method = {
  name: 'test',
  request: () => ({ operation: 'chat', model: 'gpt-4o-mini', stream: true, attributes: {} }),
  response: () => ({ outputCharacters: 0 }),
  stream: () => {
    let outputCharacters = 0;
    return {
      read: (event) => {
        outputCharacters += String(event).length;
      },
      facts: () => ({ outputCharacters }),
    };
  },
  inputCharacters: () => 400,
};

const records: CallRecord[] = [];
beforeEach(() => {
  records.length = 0;
  configureRuntime({ sinks: [(record) => records.push(record)] });
});

interface Source {
  readonly stream: { iterator: () => AsyncIterator<number>; controller: AbortController };
  /** How many items the source has given. */
  pulled(): number;
}

/** A stream as an SDK makes it: after an abort it ends quietly. */
function source(length: number, failAt?: number): Source {
  const controller = new AbortController();
  let pulled = 0;
  async function* items(): AsyncGenerator<number> {
    for (let at = 0; at < length; at++) {
      if (controller.signal.aborted) return;
      if (at === failAt) throw new Error('socket died');
      pulled += 1;
      yield at;
    }
  }
  return { stream: { iterator: items, controller }, pulled: () => pulled };
}

function watched(length: number, failAt?: number): Source {
  const made = source(length, failAt);
  observeStream(made.stream, new Call(method, {}, { provider: 'openai' }));
  return made;
}

test('the app sees what it would see without us, and nothing is read ahead', async () => {
  const plain = source(5);
  const seen = watched(5);
  const expected: number[] = [];
  for await (const item of { [Symbol.asyncIterator]: plain.stream.iterator }) expected.push(item);
  const got: number[] = [];
  for await (const item of { [Symbol.asyncIterator]: () => seen.stream.iterator() as AsyncGenerator<number> }) {
    got.push(item);
    expect(seen.pulled()).toBe(got.length);
  }
  expect(got).toEqual(expected);
  expect(records[0]?.outcome).toBe('completed');
});

test('a failure reaches the app as the same error, and the call as failed', async () => {
  const { stream } = watched(5, 2);
  const iterator = stream.iterator();
  await iterator.next();
  await iterator.next();
  await expect(iterator.next()).rejects.toThrow('socket died');
  expect(records[0]).toMatchObject({ outcome: 'failed', errorType: 'Error' });
});

test('a rejection that nobody handles stays unhandled', async () => {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown): number => unhandled.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', listener);
  try {
    const { stream } = watched(5, 0);
    void stream.iterator().next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(unhandled).toHaveLength(1);
  } finally {
    process.off('unhandledRejection', listener);
    for (const other of others) process.on('unhandledRejection', other);
  }
});

test('an iterator that is dropped half-way is abandoned when it is collected', async () => {
  let iterator: AsyncIterator<number> | undefined = watched(5).stream.iterator();
  await iterator.next();
  iterator = undefined;
  const record = await untilCollected(() => records[0]);
  expect(record.outcome).toBe('abandoned');
});
