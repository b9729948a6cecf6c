/** The requests that the scenarios send. Fresh objects each time: a scenario may freeze or compare its own. */

/** Which model each API is asked for. */
let models = { chat: 'gpt-4o-mini', completions: 'gpt-3.5-turbo-instruct', embeddings: 'text-embedding-3-small' };

/** For an SDK of another provider. */
export function useModels(other) {
  models = { ...models, ...other };
}

export const modelOf = (api) => models[api];

export const chat = (more = {}) => ({
  model: models.chat,
  messages: [{ role: 'user', content: 'Say hello to the reader.' }],
  ...more,
});
export const streamed = (more = {}) => chat({ stream: true, ...more });
export const respond = (more = {}) => ({ model: models.chat, input: 'Say hello to the reader.', ...more });
export const respondStreamed = (more = {}) => respond({ stream: true, ...more });
export const image = (more = {}) => ({ model: 'gpt-image-1', prompt: 'A meter at dawn.', ...more });
export const listen = (more = {}) => ({ model: 'gpt-4o-mini-transcribe', ...more });

/** `chat.completions.<name>`, which openai 4 keeps under `beta`. */
export function chatHelper(client, name) {
  const holder =
    typeof client.chat.completions[name] === 'function' ? client.chat.completions : client.beta.chat.completions;
  return holder[name].bind(holder);
}
export const helperPaths = (name) => [`chat.completions.${name}`, `beta.chat.completions.${name}`];
