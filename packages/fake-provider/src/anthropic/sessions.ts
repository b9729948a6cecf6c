/**
 * Managed agents: a session has the model that its agent is named after, and any id is a session whose events are those of
 * two requests to the model, the second of which failed.
 */
import { add, type Consumption, draw, NOTHING } from '../core/consumption.ts';
import type { Answer, ApiRequest, Route } from '../core/exchange.ts';
import { type Json, record, text } from '../core/json.ts';
import { namedFrame } from '../core/sse.ts';
import { cumulativeUsage } from './bodies.ts';

export const routes: readonly Route[] = [
  { method: 'POST', pattern: /\/v1\/sessions$/, operation: 'sessions', free: true, answer: create },
  { method: 'GET', pattern: /\/v1\/sessions\/([^/]+)$/, operation: 'sessions', free: true, answer: retrieve },
  { method: 'GET', pattern: /\/v1\/sessions\/([^/]+)\/events\/stream$/, operation: 'sessions.events', answer: events },
];

const MODEL = 'claude-sonnet-4-5';
/** How long a request to the model takes, in seconds. */
const DURATION = 2;

function session(id: string, model: string, now: number): Json {
  const agent = { type: 'agent', id: 'agent_fake', name: 'fake', version: 1, model: { id: model, speed: 'standard' } };
  return { type: 'session', id, agent, status: 'idle', created_at: new Date(now * 1000).toISOString(), usage: {} };
}

function create({ body, id, now }: ApiRequest): Answer {
  const name = text(body.agent) ?? text(record(body.agent).id) ?? MODEL;
  return { consumed: NOTHING, body: session(id('sesn_01', 22), name, now) };
}

function retrieve({ params: [id = ''], now }: ApiRequest): Answer {
  return { consumed: NOTHING, body: session(id, MODEL, now) };
}

/** What the session consumed is counted at the first time. */
function events({ params: [id = ''], random, plan, now, stored }: ApiRequest): Answer {
  const known = stored.get(id);
  if (known) return { ...known.answer, consumed: NOTHING };
  const time = (seconds: number): string => new Date((now - 60 + seconds) * 1000).toISOString();
  const requests = [0, 1].map(() => draw(random, { input: 1500, maxOutput: 200, cache: '5m' }, plan.usage));
  const frames = [
    namedFrame({ type: 'session.status_running', id: `sevt_${id}_0`, processed_at: time(0) }),
    ...requests.flatMap((consumed, index) => request(`sevt_${id}_${index + 1}`, consumed, index === 1, time)),
    namedFrame({ type: 'session.status_idle', id: `sevt_${id}_9`, processed_at: time(9) }),
  ];
  const answer: Answer = { consumed: requests.reduce(add), frames };
  stored.put(id, { answer, frames: [], pending: {}, pollsLeft: 0 });
  return answer;
}

function request(id: string, consumed: Consumption, failed: boolean, time: (s: number) => string): readonly string[] {
  const start = `${id}_start`;
  const { output_tokens_details: _, server_tool_use: __, ...usage } = cumulativeUsage(consumed);
  return [
    namedFrame({ type: 'span.model_request_start', id: start, processed_at: time(1) }),
    namedFrame({
      type: 'span.model_request_end',
      id,
      model_request_start_id: start,
      is_error: failed,
      model_usage: { ...usage, speed: 'standard' },
      processed_at: time(1 + DURATION),
    }),
  ];
}
