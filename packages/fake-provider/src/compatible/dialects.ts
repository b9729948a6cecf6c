/**
 * Hosts that speak OpenAI's chat API with words of their own: how they state usage, and where in a stream, unasked.
 * DeepSeek, Fireworks, Azure and others say what OpenAI says, and need no row.
 */
import type { Consumption } from '../core/consumption.ts';
import type { ProviderName } from '../core/exchange.ts';
import type { Chat } from '../openai/chat.ts';

/** What a host does its own way. */
export interface Dialect {
  readonly name: ProviderName;
  /** Before the addresses of the API. */
  readonly prefix: string;
  /** What the SDK's base URL has of the prefix. */
  readonly basePath: string;
  usage(consumed: Consumption): object;
  /** The fields that the last chunk of a chat stream has beside its end. */
  lastChunk(usage: unknown, chat: Chat): object;
  /** The totals come in a chunk of their own, after the last choice has ended. */
  readonly totalsApart?: true;
  /** What the host leaves out of a chunk where OpenAI says `null`. */
  readonly absent?: readonly string[];
  /** The fields that a chat body has beside OpenAI's. */
  body?(chat: Chat): object;
}

const groq: Dialect = {
  name: 'groq',
  prefix: '/groq/openai/v1',
  basePath: '/groq',
  usage: ({ input, output, cacheRead, reasoning }) => ({
    queue_time: 0.140973397,
    prompt_tokens: input,
    prompt_time: 0.002448683,
    completion_tokens: output,
    completion_time: 0.010003462,
    total_tokens: input + output,
    total_time: 0.012452145,
    prompt_tokens_details: { cached_tokens: cacheRead },
    completion_tokens_details: { reasoning_tokens: reasoning },
  }),
  lastChunk: (usage, { id }) => ({ x_groq: { id: requestOf(id), usage } }),
  body: ({ id }) => ({ usage_breakdown: null, x_groq: { id: requestOf(id) } }),
};

const together: Dialect = {
  name: 'together',
  prefix: '/together/v1',
  basePath: '/together/v1',
  usage: ({ input, output }) => ({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output }),
  lastChunk: (usage) => ({ usage }),
};

const mistral: Dialect = {
  name: 'mistral',
  prefix: '/mistral/v1',
  basePath: '/mistral',
  usage: ({ input, output, cacheRead }) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
  }),
  lastChunk: (usage) => ({ usage }),
};

/** Dollars for a token, so that tests can compute what a call was charged. */
const OPENROUTER_RATES = { input: 1e-6, output: 2e-6 };

const openrouter: Dialect = {
  name: 'openrouter',
  prefix: '/openrouter/api/v1',
  basePath: '/openrouter/api/v1',
  usage: ({ input, output, cacheRead, cacheWrite, reasoning }) => {
    const [prompt, completion] = [input * OPENROUTER_RATES.input, output * OPENROUTER_RATES.output];
    return {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      cost: prompt + completion,
      is_byok: false,
      cost_details: {
        upstream_inference_cost: null,
        upstream_inference_prompt_cost: prompt,
        upstream_inference_completions_cost: completion,
      },
      prompt_tokens_details: {
        cached_tokens: cacheRead,
        cache_write_tokens: cacheWrite,
        audio_tokens: 0,
        video_tokens: 0,
      },
      completion_tokens_details: { reasoning_tokens: reasoning, image_tokens: 0 },
    };
  },
  lastChunk: (usage) => ({ usage }),
  totalsApart: true,
  absent: ['system_fingerprint'],
};

/** Thinking stands beside the completion tokens, which leave it out. */
const xai: Dialect = {
  name: 'xai',
  prefix: '/xai/v1',
  basePath: '/xai/v1',
  usage: ({ input, output, cacheRead, reasoning }) => ({
    prompt_tokens: input,
    completion_tokens: output - reasoning,
    total_tokens: input + output,
    prompt_tokens_details: { text_tokens: input, audio_tokens: 0, image_tokens: 0, cached_tokens: cacheRead },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
    num_sources_used: 0,
  }),
  lastChunk: (usage) => ({ usage }),
  totalsApart: true,
};

/** Each answer searches, and states its bill. */
const perplexity: Dialect = {
  name: 'perplexity',
  prefix: '/perplexity',
  basePath: '/perplexity',
  usage: ({ input, output }) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    search_context_size: 'low',
    cost: {
      input_tokens_cost: input * 1e-6,
      output_tokens_cost: output * 1e-6,
      request_cost: 0.005,
      total_cost: 0.005 + (input + output) * 1e-6,
    },
  }),
  lastChunk: (usage) => ({ usage }),
};

export const DIALECTS: readonly Dialect[] = [groq, together, mistral, openrouter, xai, perplexity];

function requestOf(id: string): string {
  return id.replace('chatcmpl-', 'req_');
}
