/** Events of OpenAI's own APIs -> state. */
import { extractUsage, type UsageApi, type UsageReport } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { bag, text } from '../read.ts';
import { inBackground, readResponse } from './response.ts';
import type { ResponseEvent } from './types.ts';

/** Events that carry the finished response, and with it the usage. */
export const FINISHED: ReadonlySet<unknown> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);

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
        const response = event.response ?? {};
        const { model, id } = response;
        facts = { model: text(model), id: text(id), outputCharacters: 0, later: inBackground(response) };
      } else if (typeof event.delta === 'string') outputCharacters += event.delta.length;
    },
    facts: () => ({ ...facts, outputCharacters }),
  };
}

/** Streams of images and of text of speech: the last event has the usage, and is the only one that has. */
export function usageReader(api: UsageApi): (endpoint: Endpoint) => StreamReader {
  return ({ provider }) => {
    let report: UsageReport | undefined;
    return {
      read(event) {
        if (bag(event)?.usage != null) report = extractUsage({ provider, api, body: event });
      },
      facts: () => ({ report, outputCharacters: 0 }),
    };
  };
}
