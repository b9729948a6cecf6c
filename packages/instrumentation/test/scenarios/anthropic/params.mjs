/** The requests that the scenarios send. */

export const MODEL = 'claude-sonnet-5-5';

export const message = (more = {}) => ({
  model: MODEL,
  max_tokens: 64,
  messages: [{ role: 'user', content: 'Say hello to the reader.' }],
  ...more,
});
export const streamed = (more = {}) => message({ stream: true, ...more });
