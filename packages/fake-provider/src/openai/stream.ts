/** Streams of the OpenAI API but for responses. */
import type { ApiRequest } from '../core/exchange.ts';
import { record } from '../core/json.ts';
import { pieces, usualPieces } from '../core/prose.ts';
import { dataFrame } from '../core/sse.ts';
import type { Completion } from './bodies.ts';
import type { Chat, Choice } from './chat.ts';

export const DONE: string = dataFrame('[DONE]');

/**
 * `chat.completion.chunk` events. With `stream_options.include_usage` each has `usage: null` and one more, without
 * choices, has the totals; without it no chunk has the field.
 */
export function chatFrames(request: ApiRequest, chat: Chat): readonly string[] {
  const wanted = includesUsage(request);
  const frames = chatChunks(request, chat).map((chunk) => dataFrame(wanted ? { ...chunk, usage: null } : chunk));
  const last = { ...chunkHead(request, chat), choices: [], usage: chat.usage };
  return [...frames, ...(wanted && chat.usage !== undefined ? [dataFrame(last)] : []), DONE];
}

/** The chunks without any usage: the text in pieces, then the end of each choice. */
export function chatChunks(request: ApiRequest, chat: Chat): readonly object[] {
  const head = chunkHead(request, chat);
  const chunks = chat.choices.flatMap((choice, index) =>
    deltas(choice, request.plan.chunks).map((delta) => ({
      ...head,
      choices: [{ index, delta, logprobs: null, finish_reason: null }],
    })),
  );
  const ends = chat.choices.map((choice, index) => ({
    ...head,
    choices: [{ index, delta: {}, logprobs: null, finish_reason: choice.finish }],
  }));
  return [...chunks, ...ends];
}

function chunkHead({ now, model }: ApiRequest, { id, tier }: Chat): object {
  return { id, object: 'chat.completion.chunk', created: now, model, service_tier: tier, system_fingerprint: null };
}

/** Whether a stream of this request is to carry its usage. */
export function includesUsage({ body }: ApiRequest): boolean {
  return record(body.stream_options).include_usage === true;
}

function deltas(choice: Choice, planned: number | undefined): readonly object[] {
  const role = { role: 'assistant', refusal: null };
  const { toolCall, refusal } = choice;
  if (toolCall) {
    const opening = { index: 0, id: toolCall.id, type: 'function', function: { name: toolCall.name, arguments: '' } };
    const parts = pieces(toolCall.arguments, planned ?? 3);
    return [
      { ...role, content: null, tool_calls: [opening] },
      ...parts.map((part) => ({ tool_calls: [{ index: 0, function: { arguments: part } }] })),
    ];
  }
  const text = refusal ?? choice.text ?? '';
  const field = refusal === undefined ? 'content' : 'refusal';
  const parts = pieces(text, planned ?? usualPieces(text));
  return [{ ...role, content: refusal === undefined ? '' : null }, ...parts.map((part) => ({ [field]: part }))];
}

/** `text_completion` events; usage as in {@link chatFrames}. */
export function completionFrames(request: ApiRequest, { id, texts, answer }: Completion): readonly string[] {
  const wanted = includesUsage(request);
  const head = { id, object: 'text_completion', created: request.now, model: request.model };
  const chunks = texts.flatMap((text, index) => {
    const parts = pieces(text, request.plan.chunks ?? usualPieces(text));
    return parts.map((part, at) => {
      const finish = at === parts.length - 1 ? 'stop' : null;
      return { ...head, choices: [{ text: part, index, logprobs: null, finish_reason: finish }] };
    });
  });
  const frames = chunks.map((chunk) => dataFrame(wanted ? { ...chunk, usage: null } : chunk));
  const { usage } = answer;
  return [...frames, ...(wanted && usage !== undefined ? [dataFrame({ ...head, choices: [], usage })] : []), DONE];
}
