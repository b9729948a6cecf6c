/** The requests that the scenarios send. Fresh objects each time: a scenario may freeze or compare its own. */

const MODEL = 'gpt-4o-mini';

export const chat = (more = {}) => ({
  model: MODEL,
  messages: [{ role: 'user', content: 'Say hello to the reader.' }],
  ...more,
});
export const streamed = (more = {}) => chat({ stream: true, ...more });
export const respond = (more = {}) => ({ model: MODEL, input: 'Say hello to the reader.', ...more });
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
