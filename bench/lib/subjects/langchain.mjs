/** LangChain.js: one answer of ChatOpenAI, whose SDK makes the call. */
import { ANSWER, fetchAnswer, PARAMS } from '../chat.mjs';
import { PRICES, REQUEST, usageAttributes } from './openai.mjs';

export const langchain = {
  open(require) {
    const { ChatOpenAI } = require('@langchain/openai');
    const { temperature, max_tokens: maxTokens, messages } = PARAMS;
    const model = new ChatOpenAI({
      ...{ model: PARAMS.model, temperature, maxTokens, apiKey: 'none', maxRetries: 0 },
      configuration: { fetch: fetchAnswer },
    });
    return () => model.invoke(messages);
  },
  floor: {
    request: { ...REQUEST, 'openai.api.type': 'chat_completions' },
    prices: PRICES,
    answered: ({ id, response_metadata: metadata }) => ({
      ...{ model: metadata.model_name, input: metadata.usage.prompt_tokens, output: metadata.usage.completion_tokens },
      attributes: {
        ...usageAttributes(metadata.usage),
        'gen_ai.response.id': id,
        'gen_ai.response.finish_reasons': [metadata.finish_reason],
        // LangChain keeps the tier from the app: ours has it from the SDK.
        'openai.response.service_tier': ANSWER.service_tier,
        'openai.response.system_fingerprint': metadata.system_fingerprint,
      },
    }),
  },
};
