/**
 * Results of a batch: one call for each line that succeeded, at batch price, when the app reads it. Lines that failed, were
 * canceled or expired cost nothing, and are no calls. When a line was served is not known: its call has no duration.
 */
import { OPERATION } from '@tokenmeter/semconv';
import type { Method } from '../../call/facts.ts';
import { bag, text } from '../read.ts';
import { readMessage } from './response.ts';
import { messageReader } from './stream.ts';
import type { BatchLine, Message } from './types.ts';

function messageIn(line: unknown): Message | undefined {
  const { result } = (bag(line) ?? {}) as BatchLine;
  return result?.type === 'succeeded' ? result.message : undefined;
}

export const batchResults: Method = {
  name: 'messages.batches.results',
  request: (line) => ({
    operation: OPERATION.chat,
    model: text(messageIn(line)?.model),
    stream: false,
    attributes: {},
    context: { batch: true },
  }),
  response(line, endpoint) {
    const facts = readMessage(messageIn(line), endpoint);
    return facts.id === undefined ? facts : { ...facts, later: { id: facts.id, state: 'ended' } };
  },
  stream: messageReader,
};
