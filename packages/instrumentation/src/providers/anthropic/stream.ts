/**
 * Anthropic stream events -> state. `message_start` has the exact input and a placeholder for the output; each
 * `message_delta` has totals so far, which replace what was there and are never added.
 */
import { mergeAnthropicUsage } from '@tokenmeter/pricing';
import type { Endpoint, StreamReader } from '../../call/facts.ts';
import { bag, lengthOf, text } from '../read.ts';
import { readMessage } from './response.ts';
import type { MessageEvent } from './types.ts';

export function messageReader(endpoint: Endpoint): StreamReader {
  let id: unknown;
  let model: unknown;
  let stopReason: unknown;
  let usage: unknown;
  let final = false;
  let outputCharacters = 0;
  return {
    read(value) {
      const event = bag(value) as MessageEvent | undefined;
      switch (event?.type) {
        case 'message_start':
          ({ id, model, usage } = event.message ?? {});
          break;
        case 'message_delta':
          if (event.usage != null) usage = mergeAnthropicUsage(usage, event.usage);
          stopReason = event.delta?.stop_reason ?? stopReason;
          final ||= text(event.delta?.stop_reason) !== undefined;
          break;
        case 'content_block_delta':
          outputCharacters +=
            lengthOf(event.delta?.text) + lengthOf(event.delta?.thinking) + lengthOf(event.delta?.partial_json);
          break;
      }
    },
    facts: () => ({
      ...readMessage({ id, model, usage, stop_reason: stopReason }, endpoint),
      partial: final ? undefined : true,
      outputCharacters,
    }),
  };
}
