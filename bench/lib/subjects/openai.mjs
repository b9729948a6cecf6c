/** The openai SDK: a chat completion. */
import { createClient, PARAMS } from '../chat.mjs';

/** What any framework's call of the same model says, too. */
export const REQUEST = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': PARAMS.model,
  'gen_ai.request.temperature': PARAMS.temperature,
  'gen_ai.request.max_tokens': PARAMS.max_tokens,
  'server.address': 'api.openai.com',
  'server.port': 443,
  'tokenmeter.feature': 'bench',
  'tokenmeter.metered': true,
};

/** USD per token of gpt-4o-mini. */
export const PRICES = { input: 0.15e-6, output: 0.6e-6 };

/** Attributes out of OpenAI's own usage. */
export function usageAttributes({ prompt_tokens_details: prompt, completion_tokens_details: completion }) {
  return {
    'gen_ai.usage.cache_read.input_tokens': prompt.cached_tokens,
    'gen_ai.usage.reasoning.output_tokens': completion.reasoning_tokens,
    'tokenmeter.usage.audioInput': prompt.audio_tokens,
    'tokenmeter.usage.audioOutput': completion.audio_tokens,
  };
}

export const openai = {
  open(require) {
    const client = createClient(require);
    return () => client.chat.completions.create(PARAMS);
  },
  floor: {
    request: { ...REQUEST, 'openai.api.type': 'chat_completions' },
    prices: PRICES,
    answered: ({ id, model, choices, usage, service_tier, system_fingerprint }) => ({
      ...{ model, input: usage.prompt_tokens, output: usage.completion_tokens },
      attributes: {
        ...usageAttributes(usage),
        'gen_ai.response.id': id,
        'gen_ai.response.finish_reasons': choices.map((choice) => choice.finish_reason),
        'openai.response.service_tier': service_tier,
        'openai.response.system_fingerprint': system_fingerprint,
      },
    }),
  },
};
