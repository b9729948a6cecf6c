/** What the tests share: a server and the newest SDKs that talk to it. */
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeEach } from 'vitest';
import { type FakeProvider, type FakeProviderOptions, type ServedEntry, startFakeProvider } from './index.ts';

/** A prompt of 3,000 tokens: long enough to be cached. */
export const LONG: string = 'hello '.repeat(2000);

export interface Bench {
  readonly server: FakeProvider;
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly gemini: GoogleGenAI;
  /** The last attempt. */
  last(): ServedEntry;
}

/** Starts a server for the tests of a file; it forgets everything before each test. */
export async function bench(options: FakeProviderOptions = {}): Promise<Bench> {
  const server = await startFakeProvider(options);
  beforeEach(() => server.reset());
  afterAll(() => server.close());
  return {
    server,
    openai: new OpenAI({ apiKey: 'sk-test', baseURL: server.openaiBaseUrl }),
    anthropic: new Anthropic({ apiKey: 'sk-test', baseURL: server.anthropicBaseUrl }),
    gemini: new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: server.geminiBaseUrl } }),
    last: () => {
      const entry = server.served().entries.at(-1);
      if (!entry) throw new Error('nothing was served');
      return entry;
    },
  };
}

/** Everything that an async iterable yields. */
export async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const result: Item[] = [];
  for await (const item of items) result.push(item);
  return result;
}

/** The error that a promise rejects with. Throws when it doesn't. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
