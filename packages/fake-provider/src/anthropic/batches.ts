/** Message batches: any id is a batch that has ended, of two messages and a failure. */
import { add, draw, NOTHING } from '../core/consumption.ts';
import type { Answer, ApiRequest, Route } from '../core/exchange.ts';
import { messageUsage } from './bodies.ts';

export const routes: readonly Route[] = [
  {
    method: 'GET',
    pattern: /\/v1\/messages\/batches\/([^/]+)$/,
    operation: 'batches.retrieve',
    free: true,
    answer: retrieve,
  },
  {
    method: 'GET',
    pattern: /\/v1\/messages\/batches\/([^/]+)\/results$/,
    operation: 'batches.results',
    answer: results,
  },
];

const MODEL = 'claude-sonnet-4-5-20250929';
const MESSAGES = 2;

/** Clients take the address of the results relative to their own. */
function retrieve({ params: [id = ''], now }: ApiRequest): Answer {
  const time = new Date(now * 1000).toISOString();
  const body = {
    id,
    type: 'message_batch',
    processing_status: 'ended',
    request_counts: { processing: 0, succeeded: MESSAGES, errored: 1, canceled: 0, expired: 0 },
    created_at: time,
    ended_at: time,
    expires_at: time,
    archived_at: null,
    cancel_initiated_at: null,
    results_url: `/v1/messages/batches/${id}/results`,
  };
  return { consumed: NOTHING, body };
}

/** What the batch consumed is counted at the first time. */
function results({ params: [id = ''], random, plan, stored }: ApiRequest): Answer {
  const known = stored.get(id);
  if (known) return { ...known.answer, consumed: NOTHING };
  const all = Array.from({ length: MESSAGES }, () =>
    draw(random, { input: 1200, maxOutput: 200, cache: 'none' }, plan.usage),
  );
  const lines = all.map((consumed, index) => ({
    custom_id: `request-${index}`,
    result: { type: 'succeeded', message: message(`msg_${id}_${index}`, messageUsage(consumed, 'batch')) },
  }));
  const error = { type: 'error', error: { type: 'invalid_request_error', message: 'Invalid.' }, request_id: null };
  const failure = { custom_id: `request-${MESSAGES}`, result: { type: 'errored', error } };
  const data = Buffer.from([...lines, failure].map((line) => `${JSON.stringify(line)}\n`).join(''));
  const answer: Answer = { consumed: all.reduce(add), raw: { type: 'application/x-jsonl', data } };
  stored.put(id, { answer, frames: [], pending: {}, pollsLeft: 0 });
  return answer;
}

function message(id: string, usage: unknown): object {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [{ type: 'text', text: 'Hello.', citations: null }],
    container: null,
    diagnostics: null,
    stop_details: null,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
  };
}
