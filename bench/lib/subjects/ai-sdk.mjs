/** Vercel AI SDK: text of one step, by its OpenAI provider. */
import { fetchAnswer, PARAMS } from '../chat.mjs';
import { PRICES, REQUEST } from './openai.mjs';

export const aiSdk = {
  open(require) {
    const { generateText } = require('ai');
    const { createOpenAI } = require('@ai-sdk/openai');
    const model = createOpenAI({ apiKey: 'none', fetch: fetchAnswer }).chat(PARAMS.model);
    const { temperature, max_tokens: maxOutputTokens } = PARAMS;
    const [system, user] = PARAMS.messages.map(({ content }) => content);
    const options = { model, instructions: system, prompt: user, temperature, maxOutputTokens, maxRetries: 0 };
    return () => generateText(options);
  },
  floor: {
    request: REQUEST,
    prices: PRICES,
    attempts: false,
    answered: ({ response, rawFinishReason, usage }) => ({
      ...{ model: response.modelId, input: usage.inputTokens, output: usage.outputTokens },
      attributes: {
        'gen_ai.response.id': response.id,
        'gen_ai.response.finish_reasons': [rawFinishReason],
        'gen_ai.usage.cache_read.input_tokens': usage.inputTokenDetails.cacheReadTokens,
        'gen_ai.usage.reasoning.output_tokens': usage.outputTokenDetails.reasoningTokens,
        // The AI SDK keeps these two from the app: ours has them from the body.
        'tokenmeter.usage.audioInput': 0,
        'tokenmeter.usage.audioOutput': 0,
      },
    }),
  },
};
