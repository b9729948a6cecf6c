/**
 * What the tests of this package share: real SDKs of every supported major, over real HTTP, against the fake provider, with
 * the records of their calls. One lab per test file: the runtime is one per process.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import type { CallRecord } from '@tokenmeter/ledger';
import { configureRuntime, openCallCount, type RuntimeOptions } from '../call/runtime.ts';
import { instrument } from '../patching/packages.ts';

/** The folders of `sdks/`. */
export const OPENAI_MAJORS = ['openai-4', 'openai-5', 'openai-6', 'openai-7'] as const;
export const ANTHROPIC_MAJORS = ['anthropic-0.30', 'anthropic-0', 'anthropic-1'] as const;
export const GOOGLE_GENAI_MAJORS = ['google-genai-1.20', 'google-genai-1', 'google-genai-2', 'google-genai-3'] as const;

/** The other folders: package and client class. */
const OTHERS = {
  'google-generative-ai-0': ['@google/generative-ai', 'GoogleGenerativeAI'],
  'bedrock-3': ['@aws-sdk/client-bedrock-runtime', 'BedrockRuntimeClient'],
  'cohere-8': ['cohere-ai', 'CohereClientV2'],
  'mistral-2': ['@mistralai/mistralai', 'Mistral'],
  'openrouter-1': ['@openrouter/sdk', 'OpenRouter'],
  'ollama-0': ['ollama', 'Ollama'],
  'groq-0': ['groq-sdk', 'Groq'],
  'groq-1': ['groq-sdk', 'Groq'],
  'together-0': ['together-ai', 'Together'],
} as const;

/** The folders of one package in several majors, by the beginning of their names. */
const FAMILIES: readonly (readonly [folder: string, name: string, className: string])[] = [
  ['openai', 'openai', 'OpenAI'],
  ['anthropic', '@anthropic-ai/sdk', 'Anthropic'],
  ['google-genai', '@google/genai', 'GoogleGenAI'],
];

export type SdkFolder =
  | (typeof OPENAI_MAJORS)[number]
  | (typeof ANTHROPIC_MAJORS)[number]
  // The SDKs for clouds, beside the one that they are made of.
  | 'anthropic-clouds-0'
  | 'anthropic-clouds-1'
  | (typeof GOOGLE_GENAI_MAJORS)[number]
  | keyof typeof OTHERS;

export interface Lab {
  readonly provider: FakeProvider;
  readonly records: CallRecord[];
  /** Forgets what happened and sets the runtime's options. */
  begin(options?: Omit<RuntimeOptions, 'sinks'>): void;
  /** The first record, once it is there. */
  record(): Promise<CallRecord>;
  close(): Promise<void>;
}

export async function openLab(): Promise<Lab> {
  const provider = await startFakeProvider();
  const records: CallRecord[] = [];
  return {
    provider,
    records,
    begin(options = {}) {
      records.length = 0;
      provider.reset();
      configureRuntime({ ...options, sinks: [(record) => records.push(record)] });
    },
    record: () => until(() => records[0]),
    close: () => provider.close(),
  };
}

/** A client class of an SDK folder, patched. Default: the usual one. */
export function loadSdk<Client, Options = object>(
  folder: SdkFolder,
  wanted?: string,
): new (
  options: Options,
) => Client {
  const [name, className] = packageOf(folder);
  const exported = requireFrom(folder)(name);
  instrument(exported);
  return exported[wanted ?? className] ?? exported;
}

/** `require` as an app in that folder has it. */
export function requireFrom(folder: SdkFolder | 'ai-5' | 'ai-6' | 'ai-7'): NodeJS.Require {
  return createRequire(join(import.meta.dirname, '..', '..', 'sdks', folder, 'package.json'));
}

function packageOf(folder: SdkFolder): readonly [name: string, className: string] {
  if (folder in OTHERS) return OTHERS[folder as keyof typeof OTHERS];
  const [, name = '', className = ''] = FAMILIES.find(([start]) => folder.startsWith(start)) ?? [];
  return [name, className];
}

/** Everything that a stream gives. */
export async function drain<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Waits until `read` gives something, at most two seconds. */
export async function until<T>(read: () => T | undefined): Promise<T> {
  for (let waited = 0; waited < 2000; waited += 5) {
    const value = read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Nothing came within two seconds; ${openCallCount()} calls are open.`);
}

/** Collects garbage until `read` gives something. */
export async function untilCollected<T>(read: () => T | undefined): Promise<T> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return until(() => {
    collect();
    return read();
  });
}
