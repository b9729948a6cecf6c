/**
 * The methods of OpenAI's API that its compatible hosts share, as the SDKs generated from it have them. A provider's
 * `patch.ts` says where they stand in its SDK.
 */
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import { dataOf } from '../read.ts';
import { chatContent, completionContent } from './content.ts';
import { chatRequest, completionRequest, embeddingsRequest } from './request.ts';
import { readBody } from './response.ts';
import { chunkReader } from './stream.ts';

/** Fields of a request that are prompt. */
const PROMPT = ['messages', 'prompt', 'input', 'instructions', 'tools', 'functions'] as const;

export function inputCharacters(params: unknown): number {
  const body = dataOf(params) ?? {};
  return PROMPT.reduce((sum, field) => sum + countCharacters(body[field]), 0);
}

export const chat: Method = {
  name: 'chat.completions.create',
  request: chatRequest,
  response: readBody('chat'),
  stream: chunkReader('chat'),
  inputCharacters,
  content: chatContent,
};

export const completions: Method = {
  name: 'completions.create',
  request: completionRequest,
  response: readBody('completions'),
  stream: chunkReader('completions'),
  inputCharacters,
  content: completionContent,
};

export const embeddings: Method = {
  name: 'embeddings.create',
  request: embeddingsRequest,
  response: readBody('embeddings'),
  stream: chunkReader('embeddings'),
  inputCharacters,
};
