/**
 * Managed agents. The model is asked on Anthropic's side, and the events of a session say when, and what was used: each
 * request is a call, when the app reads the event that says its end, once by the event's id.
 *
 * No event names the model. The session does, and so do its threads: it is known from the moment that the app has got one.
 */
import type { SpanAttributes } from '@tokenmeter/ledger';
import { extractUsage } from '@tokenmeter/pricing';
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import type { Method } from '../../call/facts.ts';
import type { AnswerTarget } from '../../patching/answers.ts';
import { shared } from '../../state.ts';
import { bag, text } from '../read.ts';
import type { AgentHolder, SessionEvent } from './types.ts';

interface Model {
  readonly id: string;
  readonly geo?: string;
}

const MOST_MODELS = 1000;

/** By the id of a session or thread, the oldest first. */
const models = shared('anthropic.agents', () => new Map<string, Model>());

function learn(value: unknown): void {
  const { id: given, agent } = (bag(value) ?? {}) as AgentHolder;
  const id = text(given);
  const model = text(agent?.model?.id);
  if (id === undefined || model === undefined) return;
  models.set(id, { id: model, geo: text(agent?.model?.inference_geo) });
  const [oldest] = models.keys();
  if (models.size > MOST_MODELS && oldest !== undefined) models.delete(oldest);
}

const milliseconds = (time: unknown): number | undefined => Date.parse(text(time) ?? '') || undefined;

/** `holder`: id of the session or thread whose events they are. */
function modelRequests(holder: string | undefined): Method {
  const starts = new Map<unknown, number | undefined>();
  const attributes: SpanAttributes = holder === undefined ? {} : { [ATTR.conversationId]: holder };
  return {
    name: 'beta.sessions.events.stream',
    request() {
      const model = models.get(holder ?? '');
      return {
        operation: OPERATION.chat,
        model: model?.id,
        stream: false,
        attributes,
        context: model?.geo === undefined ? undefined : { geo: model.geo },
      };
    },
    response(value, { provider }) {
      const event = (bag(value) ?? {}) as SessionEvent;
      const id = text(event.id);
      if (event.type === 'span.model_request_start') starts.set(event.id, milliseconds(event.processed_at));
      if (event.type !== 'span.model_request_end' || id === undefined) return { outputCharacters: 0 };
      const startedAt = starts.get(event.model_request_start_id);
      starts.delete(event.model_request_start_id);
      const endedAt = milliseconds(event.processed_at);
      return {
        id,
        report: extractUsage({ provider, api: 'messages', body: event }),
        error: event.is_error === true ? 'model_request_error' : undefined,
        outputCharacters: 0,
        later: { id, state: 'ended', startedAt: startedAt ?? endedAt, endedAt },
      };
    },
    stream: () => ({ read: () => {}, facts: () => ({ outputCharacters: 0 }) }),
  };
}

/** Counts nothing: it is read for its model. */
const holder: Method = {
  ...modelRequests(undefined),
  name: 'beta.sessions',
  response(value) {
    learn(value);
    return { outputCharacters: 0 };
  },
};

const events = (path: readonly string[], name: string): AnswerTarget => ({
  path,
  method: 'stream',
  call: { ...modelRequests(undefined), name },
  select: ([id]) => modelRequests(text(id)),
  items: true,
});

const SESSIONS = ['Beta', 'Sessions'];

export const managedAgents: readonly AnswerTarget[] = [
  ...['create', 'retrieve', 'update'].map((method) => ({
    path: SESSIONS,
    method,
    call: { ...holder, name: `beta.sessions.${method}` },
  })),
  {
    path: [...SESSIONS, 'Threads'],
    method: 'retrieve',
    call: { ...holder, name: 'beta.sessions.threads.retrieve' },
  },
  events([...SESSIONS, 'Events'], 'beta.sessions.events.stream'),
  events([...SESSIONS, 'Threads', 'Events'], 'beta.sessions.threads.events.stream'),
];
