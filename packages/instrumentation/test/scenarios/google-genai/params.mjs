/** The requests that the scenarios send, and what stands in for the network. */

export const MODEL = 'gemini-2.5-flash';

/** `options`: what the toolbox makes for a request: headers, and a signal. */
export const content = (config = {}, { headers, signal } = {}) => ({
  model: MODEL,
  contents: 'Say hello to the reader.',
  config: { ...config, ...(headers && { httpOptions: { headers } }), ...(signal && { abortSignal: signal }) },
});

/** A tool that the SDK calls by itself. */
export const weather = (log) => ({
  tool: async () => ({
    functionDeclarations: [
      {
        name: 'weather',
        description: 'The weather of a city',
        parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } } },
      },
    ],
  }),
  callTool: async (calls) => {
    log('tool', calls);
    return [{ functionResponse: { name: 'weather', response: { sky: 'clear' } } }];
  },
});

/** The SDK looks `fetch` up anew for each request. */
export async function withFetch(fetch, run) {
  const original = globalThis.fetch;
  globalThis.fetch = fetch;
  try {
    return await run();
  } finally {
    globalThis.fetch = original;
  }
}

export const MEMORY = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'Hello.' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 3, totalTokenCount: 13 },
  modelVersion: MODEL,
  responseId: 'memory0000000000000001',
};
