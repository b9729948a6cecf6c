/**
 * ollama 0.6: what is patched. The exported class inherits its methods, in Node from the browser's class. An answer of
 * one's own machine is free; Ollama's cloud is a provider of its own, told by its host.
 */
import { PROVIDER } from '@tokenmeter/semconv';
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import { observeIterable } from '../../call/observe-iterable.ts';
import type { Settle } from '../../call/observe-plain.ts';
import { settleValue } from '../../call/observe-plain.ts';
import { type PlainTarget, patchPlain } from '../../patching/plain.ts';
import { exportedClass, holderOf, type OwnSdk } from '../../patching/sdk.ts';
import { endpointAt } from '../endpoint.ts';
import { bag, dataOf } from '../read.ts';
import { chatContent, generateContent } from './content.ts';
import { chatRequest, embedRequest, generateRequest } from './request.ts';
import { readBody } from './response.ts';
import { lineReader } from './stream.ts';
import type { AnswerStream, Client } from './types.ts';

function inputCharacters(params: unknown): number {
  const { messages, prompt, system, input, tools } = dataOf(params) ?? {};
  return [messages, prompt, system, input, tools].reduce<number>((sum, part) => sum + countCharacters(part), 0);
}

const answer: Omit<Method, 'name' | 'request'> = { response: readBody, stream: lineReader, inputCharacters };

const METHODS: readonly (readonly [method: string, request: Method['request'], content?: Method['content']])[] = [
  ['chat', chatRequest, chatContent],
  ['generate', generateRequest, generateContent],
  ['embed', embedRequest],
  ['embeddings', embedRequest],
];

/** `abort()` of the client or of the stream ends a call that nobody reads yet. */
const settle: Settle = (value, call) => {
  const signal = (bag(value) as AnswerStream | undefined)?.abortController?.signal;
  if (signal) observeIterable(value as object, call, signal);
  else settleValue(value, call);
};

const TARGETS: readonly PlainTarget[] = METHODS.map(([method, request, content]) => ({
  method,
  call: { ...answer, name: method, request, content },
  endpoint: (owner) => endpointAt((owner as Client).config?.host, PROVIDER.ollama),
  awaited: 'outer',
  settle,
}));

export const ollama: OwnSdk = {
  name: 'ollama',
  tested: { from: '0.6.4', to: '0.6.4' },
  patch(exported) {
    const holder = holderOf(exportedClass(exported, 'Ollama')?.prototype, 'chat');
    if (!holder) return undefined;
    return TARGETS.filter((target) => patchPlain(holder, target)).map(({ call }) => call.name);
  },
};
