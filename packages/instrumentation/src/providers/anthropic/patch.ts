/**
 * @anthropic-ai/sdk 0.30 to 1.x: what is patched. `stream()`, `parse` and the tool runner call `create`, and the clients of
 * @anthropic-ai/bedrock-sdk, vertex-sdk and others are made of the same classes.
 */
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import type { SdkDefinition } from '../../patching/sdk.ts';
import { dataOf } from '../read.ts';
import { batchResults } from './batch.ts';
import { messagesContent } from './content.ts';
import { clientEndpoint } from './endpoint.ts';
import { managedAgents } from './managed.ts';
import { adoptsNativeSpan, settleNewClients } from './native.ts';
import { messagesRequest } from './request.ts';
import { readMessage } from './response.ts';
import { messageReader } from './stream.ts';

function inputCharacters(params: unknown): number {
  const body = dataOf(params) ?? {};
  return countCharacters(body.system) + countCharacters(body.messages) + countCharacters(body.tools);
}

const messages: Method = {
  name: 'messages.create',
  request: messagesRequest,
  response: readMessage,
  stream: messageReader,
  inputCharacters,
  content: messagesContent,
};

export const anthropic: SdkDefinition = {
  name: '@anthropic-ai/sdk',
  className: 'Anthropic',
  tested: { from: '0.30.1', to: '1.14.0' },
  targets: [
    { path: ['Messages'], method: 'create', call: messages },
    { path: ['Beta', 'Messages'], method: 'create', call: { ...messages, name: 'beta.messages.create' } },
    {
      path: ['Beta', 'PromptCaching', 'Messages'],
      method: 'create',
      call: { ...messages, name: 'beta.promptCaching.messages.create' },
    },
  ],
  answers: [
    { path: ['Messages', 'Batches'], method: 'results', call: batchResults, items: true },
    {
      path: ['Beta', 'Messages', 'Batches'],
      method: 'results',
      call: { ...batchResults, name: 'beta.messages.batches.results' },
      items: true,
    },
    ...managedAgents,
  ],
  // The SDKs for Bedrock and Vertex load no more of this one.
  beside: { files: ['client.js', 'client.mjs'] },
  endpoint: clientEndpoint,
  prepareClass: settleNewClients,
  adoptsNativeSpan,
};
