/** Chats of both versions of Cohere's API. */
import type { Consumption } from '../core/consumption.ts';
import type { Answer, ApiRequest } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { type Json, list, record } from '../core/json.ts';
import { pieces, usualPieces } from '../core/prose.ts';
import { namedFrame } from '../core/sse.ts';
import { type Choice, decideChat } from '../openai/chat.ts';

/** Tokens of the template that Cohere puts around a prompt, counted and not billed. */
const TEMPLATE_TOKENS = 66;
/** What a model says before it calls a tool. */
const TOOL_PLAN = 'I will look it up.';

function usageOf({ input, output, cacheRead }: Consumption): object {
  return {
    billed_units: { input_tokens: input, output_tokens: output },
    tokens: { input_tokens: input + TEMPLATE_TOKENS, output_tokens: output },
    cached_tokens: cacheRead,
  };
}

/** The event that ends a stream, well or badly. */
export function endFrame(reason: string, usage: unknown, error?: string): string {
  return namedFrame({ type: 'message-end', delta: { finish_reason: reason, usage, error } });
}

const REASONS: Readonly<Record<Choice['finish'], string>> = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  tool_calls: 'TOOL_CALL',
};

export function chat(request: ApiRequest): Answer {
  const decided = decideChat(request);
  const [choice] = decided.choices;
  const reason = REASONS[choice?.finish ?? 'stop'];
  const usage = distort(usageOf(decided.consumed), request.plan.fault);
  const id = request.id('', 8, 'hex');
  const answer = { responseId: id, consumed: decided.consumed, usage };
  if (request.body.stream !== true) {
    return { ...answer, body: { id, finish_reason: reason, message: { role: 'assistant', ...said(choice) }, usage } };
  }
  const frames = [
    namedFrame({ type: 'message-start', id, delta: { message: { role: 'assistant', content: [], tool_calls: [] } } }),
    ...deltas(choice, request).map((event) => namedFrame(event)),
    endFrame(reason, usage),
  ];
  return { ...answer, frames };
}

interface Event extends Json {
  readonly type: string;
}

function said(choice: Choice | undefined): Json {
  const call = choice?.toolCall;
  if (!call) return { content: [{ type: 'text', text: choice?.text ?? '' }] };
  const { id, name, arguments: given } = call;
  return { tool_plan: TOOL_PLAN, tool_calls: [{ id, type: 'function', function: { name, arguments: given } }] };
}

function deltas(choice: Choice | undefined, { plan }: ApiRequest): readonly Event[] {
  const cut = (words: string): readonly string[] => pieces(words, plan.chunks ?? usualPieces(words));
  const event = (type: string, message: Json): Event => ({ type, index: 0, delta: { message } });
  const call = choice?.toolCall;
  if (!call) {
    return [
      event('content-start', { content: { type: 'text', text: '' } }),
      ...cut(choice?.text ?? '').map((text) => event('content-delta', { content: { text } })),
      { type: 'content-end', index: 0 },
    ];
  }
  const { id, name, arguments: given } = call;
  return [
    ...cut(TOOL_PLAN).map((plan) => event('tool-plan-delta', { tool_plan: plan })),
    event('tool-call-start', { tool_calls: { id, type: 'function', function: { name, arguments: '' } } }),
    ...cut(given).map((piece) => event('tool-call-delta', { tool_calls: { function: { arguments: piece } } })),
    { type: 'tool-call-end', index: 0 },
  ];
}

/** Its streams are lines of JSON. */
export function chatOfVersion1(request: ApiRequest): Answer {
  const { id, consumed, usage, body, events } = speakVersion1(request);
  const answer = { responseId: id, consumed, usage };
  if (request.body.stream !== true) return { ...answer, body };
  const frames = events.map((event) => `${JSON.stringify(event)}\n`);
  return { ...answer, frames, headers: { 'content-type': 'application/stream+json' } };
}

/** What a model says in version 1, whole and as the events of a stream. */
export function speakVersion1(request: ApiRequest): {
  readonly id: string;
  readonly consumed: Consumption;
  readonly usage: unknown;
  readonly body: Json;
  readonly events: readonly Json[];
} {
  const { body: asked, plan } = request;
  const answered = list(asked.tool_results).length > 0;
  const messages = [{ role: answered ? 'tool' : 'user', content: asked.message }];
  const decided = decideChat({ ...request, body: { ...asked, messages, tools: list(asked.tools).map(declared) } });
  const { consumed } = decided;
  const call = decided.choices[0]?.toolCall;
  const calls = call && [{ name: call.name, parameters: JSON.parse(call.arguments) }];
  const words = call ? TOOL_PLAN : (decided.choices[0]?.text ?? '');
  const usage = distort(usageOf(consumed), plan.fault);
  const id = request.id('', 8, 'hex');
  const end = { finish_reason: 'COMPLETE' };
  const body = { response_id: id, generation_id: id, text: words, tool_calls: calls, ...end, meta: usage };
  const cut = (whole: string): readonly string[] => pieces(whole, plan.chunks ?? usualPieces(whole));
  const events: readonly Json[] = [
    { event_type: 'stream-start', generation_id: id },
    ...cut(words).map((text) => ({ event_type: call ? 'tool-calls-chunk' : 'text-generation', text })),
    ...(call ? cut(call.arguments).map(chunkOf) : []),
    ...(call ? [{ event_type: 'tool-calls-generation', text: words, tool_calls: calls }] : []),
    { event_type: 'stream-end', ...end, response: body },
  ];
  return {
    ...{ id, consumed, usage, body },
    events: events.map((event) => ({ is_finished: 'response' in event, ...event })),
  };
}

const chunkOf = (parameters: string): Json => ({
  event_type: 'tool-calls-chunk',
  tool_call_delta: { index: 0, parameters },
});

/** A tool of version 1, in the words of version 2. */
function declared(value: unknown): Json {
  const { name, parameter_definitions: definitions } = record(value);
  return { type: 'function', name, parameters: { type: 'object', properties: record(definitions) } };
}
