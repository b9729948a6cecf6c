/** @mistralai/mistralai 2: what is patched. `parse` and `parseStream` make their requests beside `complete` and `stream`. */
import { OPERATION, PROVIDER } from '@tokenmeter/semconv';
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import type { OwnSdk } from '../../patching/sdk.ts';
import { dataOf } from '../read.ts';
import { camelContent } from '../speakeasy/content.ts';
import { camelRequest } from '../speakeasy/request.ts';
import { readBody } from '../speakeasy/response.ts';
import { patchSpeakeasy, type ResourceTarget } from '../speakeasy/sdk.ts';
import { chunkReader } from '../speakeasy/stream.ts';
import { adoptsNativeSpan, watchNativeSpans } from './native.ts';

function inputCharacters(params: unknown): number {
  const { messages, prompt, suffix, inputs, tools } = dataOf(params) ?? {};
  return [messages, prompt, suffix, inputs, tools].reduce<number>((sum, part) => sum + countCharacters(part), 0);
}

const answer: Omit<Method, 'name' | 'request'> = { response: readBody('chat'), stream: chunkReader, inputCharacters };

/** Resource, method, operation, and whether the method streams. */
const METHODS: readonly (readonly [resource: string, method: string, operation: string, stream: boolean])[] = [
  ['chat', 'complete', OPERATION.chat, false],
  ['chat', 'stream', OPERATION.chat, true],
  ['chat', 'parse', OPERATION.chat, false],
  ['chat', 'parseStream', OPERATION.chat, true],
  ['agents', 'complete', OPERATION.chat, false],
  ['agents', 'stream', OPERATION.chat, true],
  ['fim', 'complete', OPERATION.textCompletion, false],
  ['fim', 'stream', OPERATION.textCompletion, true],
  ['embeddings', 'create', OPERATION.embeddings, false],
];

const OCR: ResourceTarget = {
  path: ['ocr'],
  method: 'process',
  call: {
    ...answer,
    name: 'ocr.process',
    request: camelRequest(OPERATION.generateContent, false),
    response: readBody('ocr'),
  },
};

export const mistral: OwnSdk = {
  name: '@mistralai/mistralai',
  tested: { from: '2.7.0', to: '2.7.0' },
  patch: (exported) =>
    patchSpeakeasy(exported, {
      className: 'Mistral',
      provider: PROVIDER.mistral,
      targets: [
        ...METHODS.map(([resource, method, operation, stream]) => ({
          path: [resource],
          method,
          call: {
            ...answer,
            name: `${resource}.${method}`,
            request: camelRequest(operation, stream),
            content: operation === OPERATION.chat ? camelContent : undefined,
          },
        })),
        OCR,
      ],
      prepare: watchNativeSpans,
      adoptsNativeSpan,
    }),
};
