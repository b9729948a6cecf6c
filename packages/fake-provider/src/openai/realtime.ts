/**
 * `/realtime`: sessions over a WebSocket. `response.create` is answered by a response of speech and text, and a committed
 * piece of sound by its text, where the session names a model for that.
 */
import { type Consumption, draw, NOTHING, tokensOf } from '../core/consumption.ts';
import { type ApiRequest, Refusal, type SocketAnswer, type SocketRoute } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { type Json, record, text } from '../core/json.ts';
import { pieces, prose, usualPieces } from '../core/prose.ts';
import { between } from '../core/random.ts';

export const realtime: SocketRoute = {
  pattern: /\/realtime$/,
  operation: 'realtime',
  open(query) {
    const model = query.get('model') ?? query.get('deployment') ?? 'gpt-realtime';
    const session = { type: 'realtime', object: 'realtime.session', id: 'sess_fake', model };
    return { session, events: [{ type: 'session.created', event_id: 'event_0', session }] };
  },
  take(message, known) {
    switch (message.type) {
      case 'session.update': {
        const session = { ...known, ...record(message.session), model: known.model };
        return { session, events: [{ type: 'session.updated', event_id: 'event_1', session }] };
      }
      case 'response.create':
        return { asked: { ...record(message.response), model: known.model } };
      case 'input_audio_buffer.commit': {
        const hears = record(record(record(known.audio).input).transcription);
        return hears.model === undefined ? {} : { asked: { sound: true, model: hears.model } };
      }
      default:
        return {};
    }
  },
  answer: (request) => (request.body.sound === true ? hear(request) : respond(request)),
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

function respond(request: ApiRequest): SocketAnswer {
  const { body, plan, random, model } = request;
  if (model === '') throw new Refusal(400, { message: "Missing required parameter: 'model'." });
  const id = request.id('resp_', 21);
  const input = tokensOf(body.instructions, body.input) + between(random, 20, 200);
  const consumed = draw(random, { input, cache: 'automatic' }, plan.usage);
  const failed = plan.finish === 'failed';
  const usage = failed ? null : distort(responseUsage(consumed), plan.fault);
  const said = plan.text ?? prose(random, Math.ceil(consumed.output / 4));
  const response = { object: 'realtime.response', id, conversation_id: 'conv_fake', output_modalities: ['audio'] };
  const at = { response_id: id, item_id: request.id('item_', 21), output_index: 0, content_index: 0 };
  const deltas = pieces(said, plan.chunks ?? usualPieces(said)).map((delta) => ({
    type: 'response.output_audio_transcript.delta',
    ...at,
    delta,
  }));
  const opened = { ...response, status: 'in_progress', status_details: null, output: [], usage: null };
  const events: readonly Json[] = [
    { type: 'response.created', response: opened },
    ...(failed ? [] : deltas),
    { type: 'response.done', response: { ...response, ...end(plan.finish), output: [], usage } },
  ];
  return {
    responseId: id,
    consumed: failed ? NOTHING : consumed,
    usage: usage ?? undefined,
    events: events.map((event, index) => ({ event_id: `event_${id}_${index}`, ...event })),
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
function hear({ plan, random, model, id }: ApiRequest): SocketAnswer {
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
  const at = { item_id: id('item_', 21), content_index: 0 };
  const events = [
    { type: `${type}.delta`, event_id: 'event_d', ...at, delta: transcript },
    { type: `${type}.completed`, event_id: 'event_c', ...at, transcript, usage },
  ];
  return { responseId: at.item_id, consumed, usage, events };
}
