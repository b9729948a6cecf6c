/** JSON bodies of the Anthropic API. */
import { type Consumption, NOTHING, tokensOf } from '../core/consumption.ts';
import type { Answer, ApiRequest } from '../core/exchange.ts';
import type { Message, ServerTools } from './message.ts';

/** `usage` of a whole message: `input_tokens` leaves out what was read from or written to the cache. */
export function messageUsage(
  consumed: Consumption,
  tier: string,
  serverTools: ServerTools | null = null,
): Readonly<Record<string, unknown>> {
  return {
    ...cumulativeUsage(consumed, serverTools),
    cache_creation: {
      ephemeral_5m_input_tokens: consumed.cacheWrite5m,
      ephemeral_1h_input_tokens: consumed.cacheWrite1h,
    },
    service_tier: tier,
    inference_geo: 'not_available',
    speed: 'standard',
  };
}

/** `usage` of a `message_delta`: the totals so far, without the split of the cache writes. */
export function cumulativeUsage(
  consumed: Consumption,
  serverTools: ServerTools | null = null,
): Readonly<Record<string, unknown>> {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning } = consumed;
  return {
    input_tokens: input - cacheRead - cacheWrite5m - cacheWrite1h,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
    output_tokens_details: reasoning > 0 ? { thinking_tokens: reasoning } : null,
    server_tool_use: serverTools,
  };
}

/** `message`. */
export function messageBody({ model }: ApiRequest, message: Message, usage: unknown): object {
  return {
    id: message.id,
    type: 'message',
    role: 'assistant',
    model,
    content: message.blocks.map((block) => (block.type === 'text' ? { ...block, citations: null } : block)),
    container: null,
    diagnostics: null,
    stop_details: message.stopReason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
    stop_reason: message.stopReason,
    stop_sequence: null,
    usage,
  };
}

/** `POST /v1/messages/count_tokens`: free. */
export function countTokens({ body }: ApiRequest): Answer {
  return { consumed: NOTHING, body: { input_tokens: tokensOf(body.system, body.messages, body.tools) } };
}
