/** `GET /batches/{id}`: any id is a batch that is completed, of three chat completions. */
import { draw, NOTHING } from '../core/consumption.ts';
import type { Answer, ApiRequest } from '../core/exchange.ts';
import { responseUsage } from './usage.ts';

const MODEL = 'gpt-4o-mini';
const REQUESTS = 3;
/** How long it took, in seconds. */
const DURATION = 900;

/** What it consumed is stated at each retrieval, and counted at the first. */
export function batch({ params: [id = ''], random, plan, now, model, stored }: ApiRequest): Answer {
  const consumed = draw(random, { input: 3000, maxOutput: 800, cache: 'none' }, plan.usage);
  const usage = responseUsage(consumed);
  const body = {
    id,
    object: 'batch',
    endpoint: '/v1/chat/completions',
    model: model === '' ? MODEL : model,
    errors: null,
    input_file_id: 'file-fake-in',
    completion_window: '24h',
    status: 'completed',
    output_file_id: 'file-fake-out',
    error_file_id: null,
    created_at: now - DURATION,
    completed_at: now,
    request_counts: { total: REQUESTS, completed: REQUESTS, failed: 0 },
    usage,
    metadata: null,
  };
  const known = stored.get(id);
  if (known) return { ...known.answer, consumed: NOTHING };
  const answer: Answer = { responseId: id, consumed, usage, body };
  stored.put(id, { answer, frames: [], pending: {}, pollsLeft: 0 });
  return answer;
}
