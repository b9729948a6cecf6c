/** Responses over a WebSocket: the events of a stream, with the lane (`stream_id`) that was asked for. */
import type { ApiRequest, SocketAnswer, SocketRoute } from '../../core/exchange.ts';
import type { Json } from '../../core/json.ts';
import { decideResponse } from './response.ts';
import { responseEvents } from './stream.ts';

const lane = ({ stream_id }: Json): Json => (stream_id === undefined ? {} : { stream_id });

export const responsesSocket: SocketRoute = {
  pattern: /\/responses$/,
  operation: 'responses',
  open: () => ({ session: {}, events: [] }),
  take: (message) => (message.type === 'response.create' ? { asked: message } : {}),
  answer,
  errorEvent: (refusal, asked) => ({
    type: 'error',
    ...(refusal && { status: refusal.status }),
    error: {
      type: refusal ? 'invalid_request_error' : 'server_error',
      code: refusal ? (refusal.code ?? 'invalid_value') : 'server_error',
      message: refusal?.message || 'The server had an error while processing your request. Sorry about that!',
      param: null,
    },
    ...lane(asked),
  }),
};

function answer(request: ApiRequest): SocketAnswer {
  const decided = decideResponse(request);
  const { id: responseId, consumed, usage, tier: serviceTier } = decided;
  const events = responseEvents(request, decided).map((event) => ({ ...event, ...lane(request.body) }));
  return { responseId, consumed, usage: usage ?? undefined, serviceTier, events };
}
