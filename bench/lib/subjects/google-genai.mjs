/** @google/genai: content of Gemini. The SDK takes no `fetch`: it has the process's. */
import { fetchFromMemory } from '../memory.mjs';

const PARAMS = {
  model: 'gemini-2.5-flash',
  contents: 'What is the capital of France?',
  config: { systemInstruction: 'You answer in one word.', temperature: 0.2, maxOutputTokens: 64 },
};

const ANSWER = {
  candidates: [
    { content: { parts: [{ text: 'Paris.' }], role: 'model' }, finishReason: 'STOP', index: 0, avgLogprobs: -0.01 },
  ],
  usageMetadata: {
    promptTokenCount: 25,
    candidatesTokenCount: 3,
    totalTokenCount: 28,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: 25 }],
  },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'R8snadP9BqeQxN8P0Jq3oAM',
};

export const googleGenai = {
  open(require) {
    globalThis.fetch = fetchFromMemory(ANSWER);
    const { GoogleGenAI } = require('@google/genai');
    const client = new GoogleGenAI({ apiKey: 'none' });
    return () => client.models.generateContent(PARAMS);
  },
  floor: {
    request: {
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': PARAMS.model,
      'gen_ai.request.temperature': PARAMS.config.temperature,
      'gen_ai.request.max_tokens': PARAMS.config.maxOutputTokens,
      'server.address': 'generativelanguage.googleapis.com',
      'server.port': 443,
      'tokenmeter.feature': 'bench',
      'tokenmeter.metered': true,
    },
    prices: { input: 0.3e-6, output: 2.5e-6 },
    answered: ({ responseId, modelVersion: model, candidates, usageMetadata }) => ({
      ...{ model, input: usageMetadata.promptTokenCount, output: usageMetadata.candidatesTokenCount },
      attributes: {
        'gen_ai.response.id': responseId,
        'gen_ai.response.finish_reasons': candidates.map((candidate) => candidate.finishReason),
      },
    }),
  },
};
