/** `ollama`: no retries, no signal for a request; the client aborts its streams. */
const chat = (more) => ({
  model: 'llama3.2',
  messages: [{ role: 'user', content: 'Say hello to the reader.' }],
  ...more,
});

export const adapter = {
  holders: (client) => [Object.getPrototypeOf(Object.getPrototypeOf(client)), ['chat', 'generate', 'embed']],
  clientOf: (Class, { baseURL, defaultHeaders, fetch }) => new Class({ host: baseURL, headers: defaultHeaders, fetch }),
  params: chat,
  streamParams: () => chat({ stream: true }),
  create: (client, params) => client.chat(params),
  stream: (client, params) => client.chat(params),
  others: {
    generate: (client) => client.generate({ model: 'llama3.2', prompt: 'Say hello', stream: false }),
    embed: (client) => client.embed({ model: 'all-minilm', input: ['one', 'two'] }),
  },
  needs: ['chat'],
  lingers: true,
  abort: (client) => client.abort(),
};
