/**
 * openai 4 to 7: what is patched. Only the lowest public methods that make requests; the helpers (`parse`, `stream()`,
 * `runTools`) call them, and so does every framework on top.
 */
import { PROVIDER } from '@tokenmeter/semconv';
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import type { SdkDefinition } from '../../patching/sdk.ts';
import { endpointOf } from '../endpoint.ts';
import { bag } from '../read.ts';
import { askForUsage, chatRequest, completionRequest, embeddingsRequest, responsesRequest } from './request.ts';
import { readBody, readResponse } from './response.ts';
import { chunkReader, responseReader } from './stream.ts';

/** Fields of a request that are prompt. */
const PROMPT = ['messages', 'prompt', 'input', 'instructions', 'tools', 'functions'] as const;

function inputCharacters(params: unknown): number {
  const body = bag(params) ?? {};
  return PROMPT.reduce((sum, field) => sum + countCharacters(body[field]), 0);
}

const chat: Method = {
  name: 'chat.completions.create',
  request: chatRequest,
  response: readBody('chat'),
  stream: chunkReader('chat'),
  inputCharacters,
  askForUsage,
};

const completions: Method = {
  name: 'completions.create',
  request: completionRequest,
  response: readBody('completions'),
  stream: chunkReader('completions'),
  inputCharacters,
  askForUsage,
};

const responses: Method = {
  name: 'responses.create',
  request: responsesRequest,
  response: readResponse,
  stream: responseReader,
  inputCharacters,
};

const embeddings: Method = {
  name: 'embeddings.create',
  request: embeddingsRequest,
  response: readBody('embeddings'),
  stream: chunkReader('embeddings'),
  inputCharacters,
};

export const openai: SdkDefinition = {
  name: 'openai',
  className: 'OpenAI',
  tested: { from: '4.104.0', to: '7.57.0' },
  targets: [
    { path: ['Chat', 'Completions'], method: 'create', call: chat },
    { path: ['Completions'], method: 'create', call: completions },
    { path: ['Responses'], method: 'create', call: responses },
    { path: ['Beta', 'Responses'], method: 'create', call: { ...responses, name: 'beta.responses.create' } },
    { path: ['Embeddings'], method: 'create', call: embeddings },
  ],
  endpoint(client) {
    const azure = (client as { constructor?: { name?: string } } | undefined)?.constructor?.name === 'AzureOpenAI';
    return endpointOf(client, azure ? PROVIDER.azureOpenai : PROVIDER.openai);
  },
};
