/** One small chat call of the openai SDK. */
import { fetchFromMemory } from './memory.mjs';

export const PARAMS = {
  model: 'gpt-4o-mini',
  temperature: 0.2,
  max_tokens: 64,
  messages: [
    { role: 'system', content: 'You answer in one word.' },
    { role: 'user', content: 'What is the capital of France?' },
  ],
};

export const ANSWER = {
  id: 'chatcmpl-CQx7rLb0pMeTaWkq4fYV2nD8sGhUz',
  object: 'chat.completion',
  created: 1_764_150_000,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Paris.', refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 25,
    completion_tokens: 3,
    total_tokens: 28,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  },
  service_tier: 'default',
  system_fingerprint: 'fp_560af6e559',
};

export const fetchAnswer = fetchFromMemory(ANSWER, { 'x-request-id': 'req_4f1d2a' });

export function createClient(require) {
  const { OpenAI } = require('openai');
  return new OpenAI({ apiKey: 'none', fetch: fetchAnswer, maxRetries: 0 });
}
