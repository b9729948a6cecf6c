/**
 * `/realtime`: sessions over a WebSocket. `response.create` is answered by a response of speech and text, or by the call of a
 * tool, and a committed piece of sound by its text, where the session names a model for that. What comes into the
 * conversation is told, and forgotten. Remembered of a connection are its `session` and how many `items` it has had.
 */
import { type Consumption, draw, NOTHING, tokensOf } from '../core/consumption.ts';
import { type ApiRequest, Refusal, type SocketAnswer, type SocketRoute } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { type Json, record, text } from '../core/json.ts';
import { pieces, prose, usualPieces } from '../core/prose.ts';
import { between } from '../core/random.ts';
import { toolCall } from './tools.ts';

export const realtime: SocketRoute = {
  pattern: /\/realtime$/,
  operation: 'realtime',
  open(query) {
    const model = query.get('model') ?? query.get('deployment') ?? 'gpt-realtime';
    const session = { type: 'realtime', object: 'realtime.session', id: 'sess_fake', model };
    return { session: { session, items: 0 }, events: [{ type: 'session.created', event_id: 'event_0', session }] };
  },
  take(message, remembered) {
    const known = record(remembered.session);
    const items = Number(remembered.items) + 1;
    const id = `item_${items}`;
    switch (message.type) {
      case 'session.update': {
        const session = { ...known, ...record(message.session), model: known.model };
        return {
          session: { ...remembered, session },
          events: [{ type: 'session.updated', event_id: 'event_1', session }],
        };
      }
      case 'conversation.item.create':
        return {
          session: { ...remembered, items },
          events: added({ id, status: 'completed', ...record(message.item) }),
        };
      case 'conversation.item.delete':
        return { events: [{ type: 'conversation.item.deleted', event_id: 'event_2', item_id: message.item_id }] };
      case 'response.create': {
        const { tools, model } = known;
        return { asked: { tools, ...record(message.response), model } };
      }
      case 'input_audio_buffer.commit': {
        const hears = record(record(record(known.audio).input).transcription);
        const heard = { id, type: 'message', role: 'user', content: [{ type: 'input_audio', transcript: null }] };
        return {
          session: { ...remembered, items },
          events: added(heard),
          ...(hears.model !== undefined && { asked: { sound: id, model: hears.model } }),
        };
      }
      default:
        return {};
    }
  },
  answer: (request) => (request.body.sound !== undefined ? hear(request) : respond(request)),
  errorEvent: (refusal) => ({
    type: 'error',
    event_id: 'event_error',
    error: {
      type: refusal ? 'invalid_request_error' : 'server_error',
      code: refusal?.code ?? null,
      message: refusal?.message || 'The server had an error while processing your request.',
      param: null,
    },
  }),
};

/** An item has come into the conversation. */
function added(item: Json): Json[] {
  return ['added', 'done'].map((what) => ({ type: `conversation.item.${what}`, event_id: `event_${what}`, item }));
}

function respond(request: ApiRequest): SocketAnswer {
  const { body, plan, random, model } = request;
  if (model === '') throw new Refusal(400, { message: "Missing required parameter: 'model'." });
  const id = request.id('resp_', 21);
  const input = tokensOf(body.instructions, body.input) + between(random, 20, 200);
  const consumed = draw(random, { input, cache: 'automatic' }, plan.usage);
  const failed = plan.finish === 'failed';
  const usage = failed ? null : distort(responseUsage(consumed), plan.fault);
  const conversation = body.conversation === 'none' ? null : 'conv_fake';
  const response = { object: 'realtime.response', id, conversation_id: conversation, output_modalities: ['audio'] };
  const opened = { ...response, status: 'in_progress', status_details: null, output: [], usage: null };
  const { item, events: spoken } = failed ? { item: undefined, events: [] } : speak(request, id, consumed);
  const events: readonly Json[] = [
    { type: 'response.created', response: opened },
    ...spoken,
    { type: 'response.done', response: { ...response, ...end(plan.finish), output: item ? [item] : [], usage } },
  ];
  return {
    responseId: id,
    consumed: failed ? NOTHING : consumed,
    usage: usage ?? undefined,
    events: events.map((event, index) => ({ event_id: `event_${id}_${index}`, ...event })),
  };
}

/** The item that a response consists of, and how it comes to be. */
function speak(
  { body, plan, random, id }: ApiRequest,
  responseId: string,
  { output }: Consumption,
): { readonly item: Json; readonly events: readonly Json[] } {
  const itemId = id('item_', 21);
  const call = plan.text === undefined ? toolCall(body, false, random) : undefined;
  const said = call?.arguments ?? plan.text ?? prose(random, Math.ceil(output / 4));
  const open = { id: itemId, object: 'realtime.item', status: 'in_progress' };
  const [kind, begun, whole] = call
    ? ([
        'function_call_arguments',
        { type: 'function_call', call_id: id('call_', 16), name: call.name },
        { arguments: said },
      ] as const)
    : ([
        'output_audio_transcript',
        { type: 'message', role: 'assistant' },
        { content: [{ type: 'output_audio', transcript: said }] },
      ] as const);
  const item = { ...open, ...begun, ...whole, status: plan.finish === undefined ? 'completed' : 'incomplete' };
  const at = { response_id: responseId, output_index: 0 };
  const started = { ...open, ...begun, content: [] };
  const inConversation = body.conversation !== 'none';
  const told = (what: string, one: Json): Json[] =>
    inConversation ? [{ type: `conversation.item.${what}`, item: one }] : [];
  return {
    item,
    events: [
      { type: 'response.output_item.added', ...at, item: started },
      ...told('added', started),
      ...pieces(said, plan.chunks ?? usualPieces(said)).map((delta) => ({
        type: `response.${kind}.delta`,
        ...at,
        item_id: itemId,
        content_index: 0,
        delta,
      })),
      { type: 'response.output_item.done', ...at, item },
      ...told('done', item),
    ],
  };
}

/** Status, and what is said of it, by the way that a response ends. */
const ENDS: Readonly<Record<string, Json>> = {
  failed: {
    status: 'failed',
    status_details: { type: 'failed', error: { type: 'server_error', code: 'server_error' } },
  },
  cancelled: { status: 'cancelled', status_details: { type: 'cancelled', reason: 'client_cancelled' } },
  incomplete: { status: 'incomplete', status_details: { type: 'incomplete', reason: 'max_output_tokens' } },
};

function end(finish: string | undefined): Json {
  return ENDS[finish ?? ''] ?? { status: 'completed', status_details: null };
}

/** A fifth of the input, a half of what was cached and four fifths of the output are sound. */
function responseUsage({ input, output, cacheRead }: Consumption): Json {
  const soundIn = Math.floor(input / 5);
  const soundCached = Math.min(soundIn, Math.floor(cacheRead / 2));
  const soundOut = Math.floor((output * 4) / 5);
  return {
    total_tokens: input + output,
    input_tokens: input,
    output_tokens: output,
    input_token_details: {
      text_tokens: input - soundIn,
      audio_tokens: soundIn,
      image_tokens: 0,
      cached_tokens: cacheRead,
      cached_tokens_details: { text_tokens: cacheRead - soundCached, audio_tokens: soundCached, image_tokens: 0 },
    },
    output_token_details: { text_tokens: output - soundOut, audio_tokens: soundOut },
  };
}

/** `whisper-1` counts seconds, all others tokens. */
function hear({ body, plan, random, model }: ApiRequest): SocketAnswer {
  const bySecond = model === 'whisper-1';
  const drawn = draw(random, { input: between(random, 10, 90), maxOutput: 40, cache: 'none' }, plan.usage);
  const consumed = bySecond ? NOTHING : drawn;
  const { input, output } = consumed;
  const tokens = {
    type: 'tokens',
    total_tokens: input + output,
    input_tokens: input,
    input_token_details: { text_tokens: 0, audio_tokens: input },
    output_tokens: output,
  };
  const usage = distort(bySecond ? { type: 'duration', seconds: 4 } : tokens, plan.fault);
  const type = 'conversation.item.input_audio_transcription';
  const transcript = text(plan.text) ?? prose(random, 5);
  const at = { item_id: String(body.sound), content_index: 0 };
  const events = [
    { type: `${type}.delta`, event_id: 'event_d', ...at, delta: transcript },
    { type: `${type}.completed`, event_id: 'event_c', ...at, transcript, usage },
  ];
  return { responseId: at.item_id, consumed, usage, events };
}
