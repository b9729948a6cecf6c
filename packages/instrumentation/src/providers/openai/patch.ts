/**
 * openai 4 to 7: what is patched. Only the lowest public methods that make requests; the helpers (`parse`, `stream()`,
 * `runTools`) call them, and so does every framework on top.
 */
import { PROVIDER } from '@tokenmeter/semconv';
import type { Method } from '../../call/facts.ts';
import type { SdkDefinition } from '../../patching/sdk.ts';
import { endpointOf } from '../endpoint.ts';
import { askForUsage } from '../openai-wire/ask-for-usage.ts';
import { chat, completions, embeddings, inputCharacters } from '../openai-wire/methods.ts';
import { responsesRequest } from './request.ts';
import { readResponse } from './response.ts';
import { responseReader } from './stream.ts';

const responses: Method = {
  name: 'responses.create',
  request: responsesRequest,
  response: readResponse,
  stream: responseReader,
  inputCharacters,
};

/** Clients of other providers, for hosts that do not tell. */
const SUBCLASSES: Readonly<Record<string, string>> = {
  AzureOpenAI: PROVIDER.azureOpenai,
  BedrockOpenAI: PROVIDER.bedrock,
};

export const openai: SdkDefinition = {
  name: 'openai',
  className: 'OpenAI',
  tested: { from: '4.104.0', to: '7.57.0' },
  targets: [
    { path: ['Chat', 'Completions'], method: 'create', call: { ...chat, askForUsage } },
    { path: ['Completions'], method: 'create', call: { ...completions, askForUsage } },
    { path: ['Responses'], method: 'create', call: responses },
    { path: ['Beta', 'Responses'], method: 'create', call: { ...responses, name: 'beta.responses.create' } },
    { path: ['Embeddings'], method: 'create', call: embeddings },
  ],
  endpoint(client) {
    const { name = '' } = (client as { constructor?: { name?: string } } | undefined)?.constructor ?? {};
    return endpointOf(client, SUBCLASSES[name] ?? PROVIDER.openai);
  },
};
