/** Converse: one body for all models. */
import type { Consumption } from '../core/consumption.ts';
import type { Answer, ApiRequest } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { isRecord, list, record } from '../core/json.ts';
import { pieces, usualPieces } from '../core/prose.ts';
import { type Chat, decideChat } from '../openai/chat.ts';
import { eventMessage } from './event-stream.ts';

/** Of Converse, and of Nova's own body. What is cached stands outside of `inputTokens`. */
export function converseUsage({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }: Consumption): object {
  const written = cacheWrite5m + cacheWrite1h;
  return {
    inputTokens: input - cacheRead - written,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: written,
    cacheDetails: [
      { ttl: '5m', inputTokens: cacheWrite5m },
      { ttl: '1h', inputTokens: cacheWrite1h },
    ].filter(({ inputTokens }) => inputTokens > 0),
  };
}

/** A conversation, whose texts stand in lists without types. */
export function decideConversation(request: ApiRequest): Chat {
  const { inferenceConfig, messages } = request.body;
  const plain = list(messages).map((message) => {
    const said = record(message);
    return { role: said.role, content: list(said.content).map((part) => (isRecord(part) ? part.text : part)) };
  });
  return decideChat({ ...request, body: { messages: plain, max_tokens: record(inferenceConfig).maxTokens } });
}

const SPEED = { performanceConfig: { latency: 'standard' }, serviceTier: { type: 'default' } };

export function converse(request: ApiRequest): Answer {
  const decided = decideConversation(request);
  const usage = distort(converseUsage(decided.consumed), request.plan.fault);
  const content = [{ text: decided.choices[0]?.text ?? '' }];
  const body = {
    output: { message: { role: 'assistant', content } },
    stopReason: stopReason(decided),
    usage,
    metrics: { latencyMs: 1275 },
    ...SPEED,
  };
  return { consumed: decided.consumed, usage, body };
}

export const EVENT_STREAM: Readonly<Record<string, string>> = { 'content-type': 'application/vnd.amazon.eventstream' };

export function converseStream(request: ApiRequest): Answer {
  const decided = decideConversation(request);
  const words = decided.choices[0]?.text ?? '';
  const usage = distort(converseUsage(decided.consumed), request.plan.fault);
  const parts = pieces(words, request.plan.chunks ?? usualPieces(words));
  const events: readonly (readonly [type: string, payload: object])[] = [
    ['messageStart', { role: 'assistant' }],
    ...parts.map((text) => ['contentBlockDelta', { contentBlockIndex: 0, delta: { text } }] as const),
    ['contentBlockStop', { contentBlockIndex: 0 }],
    ['messageStop', { stopReason: stopReason(decided) }],
    ['metadata', { usage, metrics: { latencyMs: 1275 }, ...SPEED }],
  ];
  const frames = events.map(([type, payload]) => eventMessage(type, payload));
  return { consumed: decided.consumed, usage, frames, headers: EVENT_STREAM };
}

function stopReason({ choices }: Chat): string {
  return choices[0]?.finish === 'length' ? 'max_tokens' : 'end_turn';
}
