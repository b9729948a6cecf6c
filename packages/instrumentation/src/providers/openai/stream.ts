/** Events of OpenAI's own Responses API -> state. */
import type { Endpoint, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { bag, text } from '../read.ts';
import { readResponse } from './response.ts';
import type { ResponseEvent } from './types.ts';

/** Events that carry the finished response, and with it the usage. */
const FINISHED: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

export function responseReader(endpoint: Endpoint): StreamReader {
  let facts: ResponseFacts = { outputCharacters: 0 };
  let outputCharacters = 0;
  return {
    read(value) {
      const event = bag(value) as ResponseEvent | undefined;
      if (!event) return;
      if (FINISHED.has(event.type)) facts = readResponse(event.response, endpoint);
      // openai 5 and 6 hand an error event to the app as an event, and end without throwing.
      else if (event.type === 'error') facts = { ...facts, error: text(event.code) ?? 'error' };
      else if (event.type === 'response.created') {
        facts = { model: text(event.response?.model), id: text(event.response?.id), outputCharacters: 0 };
      } else if (typeof event.delta === 'string') outputCharacters += event.delta.length;
    },
    facts: () => ({ ...facts, outputCharacters }),
  };
}
