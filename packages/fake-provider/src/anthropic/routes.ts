/** The addresses of the Anthropic API; `?beta=true` changes nothing that matters here. */
import type { Answer, ApiRequest, Route } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { routes as batches } from './batches.ts';
import { countTokens, messageBody, messageUsage } from './bodies.ts';
import { decideMessage } from './message.ts';
import { routes as sessions } from './sessions.ts';
import { messageFrames } from './stream.ts';

export const routes: readonly Route[] = [
  { method: 'POST', pattern: /\/v1\/messages$/, operation: 'messages', answer: messages },
  {
    method: 'POST',
    pattern: /\/v1\/messages\/count_tokens$/,
    operation: 'count_tokens',
    free: true,
    answer: countTokens,
  },
  ...batches,
  ...sessions,
];

/** A message, whole or streamed. */
export function messages(request: ApiRequest): Answer {
  const message = decideMessage(request);
  const { consumed, tier, serverTools } = message;
  const usage = distort(messageUsage(consumed, tier, serverTools), request.plan.fault);
  const answer: Answer = { responseId: message.id, consumed, serviceTier: tier, usage };
  return request.body.stream === true
    ? { ...answer, frames: messageFrames(request, message) }
    : { ...answer, body: messageBody(request, message, usage) };
}
