/**
 * openai 4 to 7: what is patched. Only the lowest public methods that make requests; the helpers (`parse`, `stream()`,
 * `runTools`) call them, and so does every framework on top.
 */
import type { SdkDefinition } from '../../patching/sdk.ts';
import { askForUsage } from '../openai-wire/ask-for-usage.ts';
import { chat, completions, embeddings } from '../openai-wire/methods.ts';
import { batches } from './batch.ts';
import { clientEndpoint } from './endpoint.ts';
import { decisions, images, listening, moderations, responses, speech, videos } from './methods.ts';
import { sockets } from './sockets.ts';

export const openai: SdkDefinition = {
  name: 'openai',
  className: 'OpenAI',
  tested: { from: '4.104.0', to: '7.57.0' },
  targets: [
    { path: ['Chat', 'Completions'], method: 'create', call: { ...chat, askForUsage } },
    { path: ['Completions'], method: 'create', call: { ...completions, askForUsage } },
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
    { path: ['Decisions'], method: 'create', call: decisions },
    { path: ['Videos'], method: 'create', call: { ...videos, name: 'videos.create' } },
    { path: ['Videos'], method: 'edit', call: { ...videos, name: 'videos.edit' } },
    { path: ['Videos'], method: 'remix', call: { ...videos, name: 'videos.remix' } },
    { path: ['Videos'], method: 'extend', call: { ...videos, name: 'videos.extend' } },
  ],
  answers: [
    { path: ['Responses'], method: 'retrieve', call: { ...responses, name: 'responses.retrieve' } },
    { path: ['Responses'], method: 'cancel', call: { ...responses, name: 'responses.cancel' } },
    { path: ['Beta', 'Responses'], method: 'retrieve', call: { ...responses, name: 'beta.responses.retrieve' } },
    { path: ['Beta', 'Responses'], method: 'cancel', call: { ...responses, name: 'beta.responses.cancel' } },
    { path: ['Batches'], method: 'retrieve', call: batches },
  ],
  beside: sockets,
  endpoint: clientEndpoint,
};
