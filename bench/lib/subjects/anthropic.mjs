/** The Anthropic SDK: a message. */
import { fetchFromMemory } from '../memory.mjs';

const PARAMS = {
  model: 'claude-sonnet-5-5',
  max_tokens: 64,
  temperature: 0.2,
  system: 'You answer in one word.',
  messages: [{ role: 'user', content: 'What is the capital of France?' }],
};

const ANSWER = {
  id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5-5',
  content: [{ type: 'text', text: 'Paris.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: {
    input_tokens: 25,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: 5,
    service_tier: 'standard',
  },
};

const fetch = fetchFromMemory(ANSWER, { 'request-id': 'req_4f1d2a' });

export const anthropic = {
  open(require, { native }) {
    const { Anthropic } = require('@anthropic-ai/sdk');
    // From 1.0 on the SDK traces itself wherever there is a provider: it is a contender of its own.
    const quiet = native ? {} : { openTelemetry: false };
    const client = new Anthropic({ apiKey: 'none', fetch, maxRetries: 0, ...quiet });
    return () => client.messages.create(PARAMS);
  },
  floor: {
    request: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': PARAMS.model,
      'gen_ai.request.temperature': PARAMS.temperature,
      'gen_ai.request.max_tokens': PARAMS.max_tokens,
      'server.address': 'api.anthropic.com',
      'server.port': 443,
      'tokenmeter.feature': 'bench',
      'tokenmeter.metered': true,
    },
    prices: { input: 2e-6, output: 10e-6 },
    answered({ id, model, stop_reason, usage }) {
      const { cache_creation_input_tokens: written, cache_read_input_tokens: read } = usage;
      return {
        ...{ model, input: usage.input_tokens + written + read, output: usage.output_tokens },
        attributes: {
          'gen_ai.response.id': id,
          'gen_ai.response.finish_reasons': [stop_reason],
          'gen_ai.usage.cache_read.input_tokens': read,
          'gen_ai.usage.cache_creation.input_tokens': written,
          'tokenmeter.usage.cacheWrite': 0,
          'tokenmeter.usage.cacheWrite5m': usage.cache_creation.ephemeral_5m_input_tokens,
          'tokenmeter.usage.cacheWrite1h': usage.cache_creation.ephemeral_1h_input_tokens,
        },
      };
    },
  },
};
