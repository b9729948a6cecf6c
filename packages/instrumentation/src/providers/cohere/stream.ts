/** Events of a Cohere chat stream -> state. The last one has the usage, and says if the generation failed. */
import type { Endpoint, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { bag, lengthOf, text } from '../read.ts';
import { readBody } from './response.ts';
import type { ChatEvent } from './types.ts';

const readEnd = readBody('chat');

export function chatReader(endpoint: Endpoint): StreamReader {
  let facts: ResponseFacts = { outputCharacters: 0 };
  let outputCharacters = 0;
  return {
    read(value) {
      const event = bag(value) as ChatEvent | undefined;
      const { message, finishReason, usage, error } = event?.delta ?? {};
      const { id } = facts;
      switch (event?.type ?? event?.eventType) {
        case 'message-start':
          facts = { id: text(event?.id), outputCharacters: 0 };
          break;
        case 'message-end':
          facts = {
            ...readEnd({ id, finishReason, usage }, endpoint),
            error: finishReason === 'ERROR' || error !== undefined ? 'ERROR' : undefined,
          };
          break;
        case 'stream-end':
          facts = readEnd({ ...event?.response, finishReason: event?.finishReason }, endpoint);
          break;
        default:
          outputCharacters +=
            lengthOf(event?.text) +
            lengthOf(message?.content?.text) +
            lengthOf(message?.content?.thinking) +
            lengthOf(message?.toolPlan) +
            lengthOf(message?.toolCalls?.function?.arguments);
      }
    },
    facts: () => ({ ...facts, outputCharacters }),
  };
}
