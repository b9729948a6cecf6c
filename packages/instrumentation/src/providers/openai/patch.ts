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
import { batches } from './batch.ts';
import {
  askForUsage,
  chatRequest,
  completionRequest,
  embeddingsRequest,
  imagesRequest,
  moderationRequest,
  responsesRequest,
  speechRequest,
  transcriptionRequest,
} from './request.ts';
import { readBody, readModeration, readResponse, readSpeech, readUsage } from './response.ts';
import { chunkReader, responseReader, usageReader } from './stream.ts';

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

/** Their usage has nothing to do with the characters of a prompt: without the provider's count it stays unknown. */
const images = { request: imagesRequest, response: readUsage('images'), stream: usageReader('images') };
const listening = {
  request: transcriptionRequest,
  response: readUsage('transcription'),
  stream: usageReader('transcription'),
};

const speech: Method = {
  name: 'audio.speech.create',
  request: speechRequest,
  response: readSpeech,
  stream: usageReader('speech'),
};

const moderations: Method = {
  name: 'moderations.create',
  request: moderationRequest,
  response: readModeration,
  stream: usageReader('chat'),
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
    { path: ['Responses'], method: 'compact', call: { ...responses, name: 'responses.compact' } },
    { path: ['Beta', 'Responses'], method: 'compact', call: { ...responses, name: 'beta.responses.compact' } },
    { path: ['Embeddings'], method: 'create', call: embeddings },
    { path: ['Images'], method: 'generate', call: { ...images, name: 'images.generate' } },
    { path: ['Images'], method: 'edit', call: { ...images, name: 'images.edit' } },
    { path: ['Images'], method: 'createVariation', call: { ...images, name: 'images.createVariation' } },
    { path: ['Audio', 'Speech'], method: 'create', call: speech },
    {
      path: ['Audio', 'Transcriptions'],
      method: 'create',
      call: { ...listening, name: 'audio.transcriptions.create' },
    },
    { path: ['Audio', 'Translations'], method: 'create', call: { ...listening, name: 'audio.translations.create' } },
    { path: ['Moderations'], method: 'create', call: moderations },
  ],
  answers: [
    { path: ['Responses'], method: 'retrieve', call: { ...responses, name: 'responses.retrieve' } },
    { path: ['Responses'], method: 'cancel', call: { ...responses, name: 'responses.cancel' } },
    { path: ['Beta', 'Responses'], method: 'retrieve', call: { ...responses, name: 'beta.responses.retrieve' } },
    { path: ['Beta', 'Responses'], method: 'cancel', call: { ...responses, name: 'beta.responses.cancel' } },
    { path: ['Batches'], method: 'retrieve', call: batches },
  ],
  endpoint(client) {
    const azure = (client as { constructor?: { name?: string } } | undefined)?.constructor?.name === 'AzureOpenAI';
    return endpointOf(client, azure ? PROVIDER.azureOpenai : PROVIDER.openai);
  },
};
