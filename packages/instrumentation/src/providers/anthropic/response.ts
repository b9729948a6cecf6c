/** An Anthropic message -> facts. */
import { extractUsage } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { bag, text } from '../read.ts';
import type { Message } from './types.ts';

export function readMessage(value: unknown, { provider }: Endpoint): ResponseFacts {
  const message = bag(value) as Message | undefined;
  if (!message) return { outputCharacters: 0 };
  const reason = text(message.stop_reason);
  return {
    model: text(message.model),
    id: text(message.id),
    finishReasons: reason === undefined ? undefined : [reason],
    report: extractUsage({ provider, api: 'messages', body: message }),
    outputCharacters: 0,
  };
}
