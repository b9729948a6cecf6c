/**
 * @openrouter/sdk 1: what is patched. Answers state what OpenRouter charged. `callModel` makes its requests beside these
 * methods, and its calls are not seen.
 */
import { OPERATION, PROVIDER } from '@tokenmeter/semconv';
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import type { OwnSdk } from '../../patching/sdk.ts';
import { dataOf } from '../read.ts';
import { camelContent } from '../speakeasy/content.ts';
import { camelRequest } from '../speakeasy/request.ts';
import { readBody } from '../speakeasy/response.ts';
import { patchSpeakeasy } from '../speakeasy/sdk.ts';
import { chunkReader } from '../speakeasy/stream.ts';

function inputCharacters(params: unknown): number {
  const { messages, input, tools } = dataOf(params) ?? {};
  return countCharacters(messages) + countCharacters(input) + countCharacters(tools);
}

const answer: Omit<Method, 'name' | 'request'> = { response: readBody('chat'), stream: chunkReader, inputCharacters };

/** The body stands in a field of the parameters. */
const within =
  (field: string) =>
  (_owner: unknown, [params]: readonly unknown[]): unknown =>
    dataOf(params)?.[field];

export const openrouter: OwnSdk = {
  name: '@openrouter/sdk',
  tested: { from: '1.3.19', to: '1.3.19' },
  patch: (exported) =>
    patchSpeakeasy(exported, {
      className: 'OpenRouter',
      provider: PROVIDER.openrouter,
      targets: [
        {
          path: ['chat'],
          method: 'send',
          params: within('chatRequest'),
          call: { ...answer, name: 'chat.send', request: camelRequest(OPERATION.chat), content: camelContent },
        },
        {
          path: ['embeddings'],
          method: 'generate',
          params: within('requestBody'),
          call: {
            ...answer,
            name: 'embeddings.generate',
            request: camelRequest(OPERATION.embeddings),
            response: readBody('embeddings'),
          },
        },
      ],
    }),
};
