/**
 * `cohere-ai`: what its methods return can also give the raw response. It forgets the timer of its time-out where a
 * request is aborted, which keeps the process alive for that long.
 */
const chat = () => ({ model: 'command-a-03-2025', messages: [{ role: 'user', content: 'Say hello to the reader.' }] });

export const adapter = {
  needs: ['chat'],
  clientOf: (Class, { apiKey, baseURL, defaultHeaders, maxRetries, fetch }) =>
    new Class({ token: apiKey, environment: baseURL, headers: defaultHeaders, maxRetries, fetch, timeoutInSeconds: 4 }),
  params: chat,
  streamParams: chat,
  create: (client, params, options) => client.chat(params, options),
  stream: (client, params, options) => client.chatStream(params, options),
  signal: (abortSignal) => ({ abortSignal }),
  retries: '503; first=1',
  others: {
    embed: (client) =>
      client.embed({
        model: 'embed-v4.0',
        texts: ['one', 'two'],
        inputType: 'search_query',
        embeddingTypes: ['float'],
      }),
    'raw response': async (client) => {
      const promise = client.chat(chat());
      const { data, rawResponse, ...rest } = await promise.withRawResponse();
      return {
        data,
        status: rawResponse.status,
        rest,
        same: (await promise) === data,
        class: promise.constructor.name,
      };
    },
  },
  holders: (client) => [Object.getPrototypeOf(client.clientV2), ['chat', 'chatStream', '__chat', '__chatStream']],
};
