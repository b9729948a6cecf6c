/** SDKs by Speakeasy: a client has no headers of its own, so they are added where its requests leave. */
const clientOf = (Class, { apiKey, baseURL, defaultHeaders, maxRetries }, { sdk }) => {
  const httpClient = new sdk.HTTPClient();
  httpClient.addHook('beforeRequest', (request) => {
    const headed = new Request(request);
    for (const [name, value] of Object.entries(defaultHeaders)) headed.headers.set(name, value);
    return headed;
  });
  const backoff = { initialInterval: 1, maxInterval: 2, exponent: 1, maxElapsedTime: 20 };
  const retryConfig = maxRetries > 0 ? { strategy: 'backoff', backoff } : { strategy: 'none' };
  return new Class({ apiKey, serverURL: baseURL, httpClient, retryConfig });
};

const shared = { clientOf, reader: true, signal: (signal) => ({ signal }), retries: '503; first=2' };
const messages = () => [{ role: 'user', content: 'Say hello to the reader.' }];

const mistralParams = () => ({ model: 'mistral-large-2512', messages: messages() });

export const mistral = {
  ...shared,
  needs: ['chat.complete'],
  params: mistralParams,
  streamParams: mistralParams,
  create: (client, params, options) => client.chat.complete(params, options),
  stream: (client, params, options) => client.chat.stream(params, options),
  others: {
    fim: (client) => client.fim.complete({ model: 'codestral-2508', prompt: 'def f(' }),
    embeddings: (client) => client.embeddings.create({ model: 'mistral-embed', inputs: ['one', 'two'] }),
  },
  holders: (client) => [Object.getPrototypeOf(client.chat), ['complete', 'stream', 'parse', 'parseStream']],
};

const openrouterParams = (more) => ({
  chatRequest: { model: 'amazon/nova-lite-v1', messages: messages(), ...more },
});

export const openrouter = {
  ...shared,
  needs: ['chat.send'],
  params: () => openrouterParams(),
  streamParams: () => openrouterParams({ stream: true }),
  create: (client, params, options) => client.chat.send(params, options),
  stream: (client, params, options) => client.chat.send(params, options),
  others: {
    embeddings: (client) =>
      client.embeddings.generate({ requestBody: { model: 'amazon/nova-lite-v1', input: ['one', 'two'] } }),
  },
  holders: (client) => [Object.getPrototypeOf(client.chat), ['send']],
};
