/**
 * cohere-ai 8: what is patched. The public methods wrap inner ones of the same name in an `HttpResponsePromise`, which
 * stays as it is; so the inner ones are patched, on the classes of both versions of the API. `CohereClientV2` binds the
 * methods of its client in its constructor, and with them what stands behind.
 */
import { OPERATION, PROVIDER } from '@tokenmeter/semconv';
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { observeIterable } from '../../call/observe-iterable.ts';
import type { Settle } from '../../call/observe-plain.ts';
import { settleValue } from '../../call/observe-plain.ts';
import { type PlainTarget, patchPlain } from '../../patching/plain.ts';
import { exportedClass, holderOf, type OwnSdk } from '../../patching/sdk.ts';
import { endpointAt } from '../endpoint.ts';
import { bag, dataOf } from '../read.ts';
import { chatContent } from './content.ts';
import { cohereRequest } from './request.ts';
import { readBody } from './response.ts';
import { chatReader } from './stream.ts';
import type { Client, WithRawResponse } from './types.ts';

const PRODUCTION = 'https://api.cohere.com';

/** The conventions have no name for it. */
const RERANK = 'rerank';

function inputCharacters(params: unknown): number {
  const { message, messages, chatHistory, preamble, documents, tools, query } = dataOf(params) ?? {};
  const prompt = [message, messages, chatHistory, preamble, documents, tools, query];
  return prompt.reduce<number>((sum, part) => sum + countCharacters(part), 0);
}

const shared: Pick<Method, 'stream' | 'inputCharacters'> = { stream: chatReader, inputCharacters };
const chat = { ...shared, response: readBody('chat'), content: chatContent };

const METHODS: readonly (readonly [method: string, call: Method])[] = [
  ['__chat', { ...chat, name: 'chat', request: cohereRequest(OPERATION.chat, false) }],
  ['__chatStream', { ...chat, name: 'chatStream', request: cohereRequest(OPERATION.chat, true) }],
  [
    '__embed',
    { ...shared, name: 'embed', request: cohereRequest(OPERATION.embeddings, false), response: readBody('embeddings') },
  ],
  ['__rerank', { ...shared, name: 'rerank', request: cohereRequest(RERANK, false), response: readBody('rerank') }],
];

/** The raw response stands beside the data. */
const settle: Settle = (value, call) => {
  const { data } = value as WithRawResponse;
  const signal = (bag(data)?.controller as AbortController | undefined)?.signal;
  if (signal) observeIterable(data as object, call, signal);
  else settleValue(data, call);
};

const TARGETS: readonly PlainTarget[] = METHODS.map(([method, call]) => ({
  method,
  call,
  endpoint(owner) {
    const { _options } = owner as Client;
    return endpointAt(_options?.baseUrl ?? _options?.environment ?? PRODUCTION, PROVIDER.cohere);
  },
  awaited: 'outer',
  settle,
}));

/** The class of each version that makes requests. */
function holders(exported: unknown): readonly object[] {
  const V2 = exportedClass(exported, 'CohereClientV2') as (new (options: object) => object) | undefined;
  const V1 = exportedClass(exported, 'CohereClient');
  const inner = V2 && guard(() => bag(new V2({ token: 'none' }))?.clientV2);
  return [holderOf(bag(inner), '__chat'), holderOf(V1?.prototype, '__chat')].filter((holder) => holder !== undefined);
}

export const cohere: OwnSdk = {
  name: 'cohere-ai',
  tested: { from: '8.1.0', to: '8.1.0' },
  patch(exported) {
    const found = holders(exported);
    if (found.length === 0) return undefined;
    return TARGETS.filter((target) => found.filter((holder) => patchPlain(holder, target)).length > 0).map(
      ({ call }) => call.name,
    );
  },
};
