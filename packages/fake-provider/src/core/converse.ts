/** One WebSocket from its greeting to its end: each thing that is asked is answered by events, in the order of asking. */
import { once } from 'node:events';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { type ApiRequest, Refusal, type SocketAnswer, type SocketRoute } from './exchange.ts';
import { isRecord, type Json, text } from './json.ts';
import type { OpenEntry, ServedOutcome } from './served.ts';

type End = Exclude<ServedOutcome, 'open'>;

/** What was asked for, counted as an attempt. */
export interface Question {
  readonly request: ApiRequest;
  readonly entry: OpenEntry;
}

/** Runs until the client leaves. `count` opens the entry of what was asked, `end` closes it. */
export function converse(
  client: WebSocket,
  route: SocketRoute,
  query: URLSearchParams,
  count: (asked: Json) => Question,
  end: (question: Question, outcome: End) => void,
): void {
  /** By lane: what is asked in another one need not wait. */
  const lanes = new Map<string, Promise<void>>();
  const say = (events: readonly Json[]): void => {
    for (const event of events) client.send(JSON.stringify(event));
  };
  const opened = route.open(query);
  let { session } = opened;
  say(opened.events);
  client.on('error', () => {});
  client.on('message', (data) => {
    const message = parse(String(data));
    if (!message) return;
    const taken = route.take(message, session);
    session = taken.session ?? session;
    say(taken.events ?? []);
    const { asked } = taken;
    if (!asked) return;
    const lane = text(asked.stream_id) ?? '';
    const question = count(asked);
    const before = lanes.get(lane) ?? Promise.resolve();
    const answered = before.then(() => answer(client, route, question));
    lanes.set(
      lane,
      answered.then(
        (outcome) => end(question, outcome),
        () => end(question, 'broken'),
      ),
    );
  });
}

async function answer(client: WebSocket, route: SocketRoute, { request, entry }: Question): Promise<End> {
  const { plan } = request;
  const { fault } = plan;
  if (plan.latencyMs) await sleep(plan.latencyMs);
  if (fault?.kind === 'status') return refuse(client, route, request.body, new Refusal(fault.status, fault));
  let answered: SocketAnswer;
  try {
    answered = route.answer(request);
  } catch (error) {
    if (error instanceof Refusal) return refuse(client, route, request.body, error);
    throw error;
  }
  const { events, responseId, serviceTier, usage, consumed } = answered;
  Object.assign(entry, { stream: true, responseId, serviceTier, usage, consumed });
  entry.chunks = { sent: 0, total: events.length };
  const stop = fault && 'after' in fault ? (fault.after ?? 0) : events.length;
  for (const event of events.slice(0, stop)) {
    await (plan.chunkDelayMs ? sleep(plan.chunkDelayMs) : turn());
    if (client.readyState !== client.OPEN) return 'canceled';
    await new Promise<unknown>((sent) => client.send(JSON.stringify(event), sent));
    entry.chunks = { sent: entry.chunks.sent + 1, total: events.length };
  }
  switch (fault?.kind) {
    case 'error-event':
      client.send(JSON.stringify(route.errorEvent(undefined, request.body)));
      return 'broken';
    case 'disconnect':
      client.terminate();
      return 'broken';
    case 'hang':
      if (client.readyState === client.OPEN) await once(client, 'close');
      return 'canceled';
    default:
      return 'completed';
  }
}

function refuse(client: WebSocket, route: SocketRoute, asked: Json, refusal: Refusal): 'refused' {
  client.send(JSON.stringify(route.errorEvent(refusal, asked)));
  return 'refused';
}

function parse(source: string): Json | undefined {
  try {
    const message: unknown = JSON.parse(source);
    return isRecord(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
