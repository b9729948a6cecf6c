/** The addresses of the Responses API. */
import { NOTHING, tokensOf } from '../../core/consumption.ts';
import { type Answer, type ApiRequest, Refusal, type Route } from '../../core/exchange.ts';
import { pendingBody, responseBody } from './bodies.ts';
import { decideResponse } from './response.ts';
import { responseFrames } from './stream.ts';

export const routes: readonly Route[] = [
  { method: 'POST', pattern: /\/responses$/, operation: 'responses', answer: create },
  { method: 'GET', pattern: /\/responses\/([^/]+)$/, operation: 'responses.retrieve', free: true, answer: retrieve },
  { method: 'POST', pattern: /\/responses\/compact$/, operation: 'responses', answer: compact },
  { method: 'POST', pattern: /\/responses\/input_tokens$/, operation: 'count_tokens', free: true, answer: inputTokens },
];

/**
 * Creates a response and keeps it for retrieval unless `store` is false. In the background it is answered `queued`,
 * without usage; what it consumes is counted here all the same, and not again when it is retrieved.
 */
function create(request: ApiRequest): Answer {
  const { body, plan, stored } = request;
  const decided = decideResponse(request);
  const { id: responseId, consumed, usage, tier: serviceTier } = decided;
  const facts = { responseId, consumed, serviceTier };
  const whole: Answer = { ...facts, usage: usage ?? undefined, body: responseBody(request, decided) };
  const frames = responseFrames(request, decided);
  const background = body.background === true;
  const pollsLeft = background ? (plan.polls ?? 0) : 0;
  const pending = pendingBody(request, decided, 'in_progress');
  if (body.store !== false) stored.put(responseId, { answer: whole, frames, pending, pollsLeft });
  if (body.stream === true) return { ...whole, frames };
  return background ? { ...facts, body: pendingBody(request, decided, 'queued') } : whole;
}

/** Names no model. */
function compact(request: ApiRequest): Answer {
  const { id, consumed, usage } = decideResponse(request);
  const output = [{ id: request.id('cmp_', 48, 'hex'), type: 'compaction', encrypted_content: 'opaque' }];
  const body = { id, object: 'response.compaction', created_at: request.now, output, usage };
  return { responseId: id, consumed, usage: usage ?? undefined, body };
}

function retrieve({ params, query, stored }: ApiRequest): Answer {
  const [id = ''] = params;
  const found = stored.get(id);
  if (!found) throw new Refusal(404, { message: `Response with id '${id}' not found.`, code: 'not_found' });
  if (query.get('stream') === 'true') return { ...found.answer, frames: found.frames };
  if (found.pollsLeft === 0) return found.answer;
  found.pollsLeft--;
  return { ...found.answer, usage: undefined, body: found.pending };
}

function inputTokens({ body }: ApiRequest): Answer {
  const counted = tokensOf(body.instructions, body.input, body.tools, body.text);
  return { consumed: NOTHING, body: { object: 'response.input_tokens', input_tokens: counted } };
}
