/** `@aws-sdk/client-bedrock-runtime`: one method for every command; streams stand in the output. */
const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';

const input = () => ({
  modelId: MODEL,
  messages: [{ role: 'user', content: [{ text: 'Say hello to the reader.' }] }],
});
const invocation = () => ({
  modelId: MODEL,
  body: JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 64,
    messages: [{ role: 'user', content: 'Say hello to the reader.' }],
  }),
});

/** The commands come with the SDK, and are the client's as far as the scenarios know. */
const commands = new WeakMap();
const send = (client, name, params, options) => client.send(new (commands.get(client)[name])(params), options);

const textOf = async (events) => {
  let text = '';
  for await (const { chunk } of events) text += new TextDecoder().decode(chunk.bytes);
  return text;
};

export const adapter = {
  needs: ['send'],
  clientOf(Class, { baseURL, defaultHeaders, maxRetries }, { sdk, NodeHttpHandler }) {
    const client = new Class({
      region: 'eu-central-1',
      endpoint: baseURL,
      token: { token: 'test' },
      authSchemePreference: ['httpBearerAuth'],
      requestHandler: new NodeHttpHandler(),
      maxAttempts: maxRetries + 1,
    });
    const addHeaders = (next) => (args) => {
      Object.assign(args.request.headers, defaultHeaders);
      return next(args);
    };
    client.middlewareStack.add(addHeaders, { step: 'build', name: 'headers' });
    commands.set(client, sdk);
    return client;
  },
  params: input,
  streamParams: input,
  create: (client, params, options) => send(client, 'ConverseCommand', params, options),
  stream: (client, params, options) => send(client, 'ConverseStreamCommand', params, options),
  itemsOf: ({ stream }) => stream,
  signal: (abortSignal) => ({ abortSignal }),
  retries: '503; first=2',
  others: {
    invoke: async (client) => {
      const { body, ...rest } = await send(client, 'InvokeModelCommand', invocation());
      return { text: new TextDecoder().decode(body), class: body.constructor.name, rest };
    },
    'invoke stream': async (client) => {
      const { body, ...rest } = await send(client, 'InvokeModelWithResponseStreamCommand', invocation());
      return { text: await textOf(body), class: body.constructor.name, rest };
    },
    callback: (client) =>
      new Promise((resolve, reject) => {
        const { ConverseCommand } = commands.get(client);
        const returned = client.send(new ConverseCommand(input()), (error, output) =>
          error ? reject(error) : resolve({ returned, output }),
        );
      }),
    'other command': (client) => send(client, 'CountTokensCommand', { modelId: MODEL }),
  },
  // The class has a `send` of its own where it would inherit one.
  holders: (client) => [Object.getPrototypeOf(Object.getPrototypeOf(client)), ['send']],
};
