/** The stream of a message. */
import type { ApiRequest } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { pieces, usualPieces } from '../core/prose.ts';
import { namedFrame } from '../core/sse.ts';
import { cumulativeUsage, messageBody, messageUsage } from './bodies.ts';
import type { Block, Message } from './message.ts';

/**
 * `message_start` states the input and a placeholder of the output, `message_delta` the totals (cumulative: they replace,
 * they don't add), `message_stop` ends.
 */
export function messageFrames(request: ApiRequest, message: Message): readonly string[] {
  return messageEvents(request, message).map(namedFrame);
}

type Event = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The same, before it is written. */
export function messageEvents(request: ApiRequest, message: Message): readonly Event[] {
  const { fault, chunks } = request.plan;
  const first = messageUsage({ ...message.consumed, output: 1, reasoning: 0 }, message.tier);
  const opening = {
    ...messageBody(request, message, distort(first, fault)),
    content: [],
    stop_details: null,
    stop_reason: null,
  };
  const closing = {
    type: 'message_delta',
    delta: { stop_reason: message.stopReason, stop_sequence: null, stop_details: null, container: null },
    usage: distort(cumulativeUsage(message.consumed, message.serverTools), fault),
  };
  return [
    { type: 'message_start', message: opening },
    ...message.blocks.flatMap((block, index) => blockEvents(block, index, chunks)),
    closing,
    { type: 'message_stop' },
  ];
}

function blockEvents(block: Block, index: number, planned: number | undefined): readonly Event[] {
  const { opening, deltas } = parts(block, planned);
  const start = { type: 'content_block_start', index, content_block: opening };
  const changes = deltas.map((delta) => ({ type: 'content_block_delta', index, delta }));
  const stop = { type: 'content_block_stop', index };
  return index === 0 ? [start, { type: 'ping' }, ...changes, stop] : [start, ...changes, stop];
}

/** A block as it opens, and what is then added to it. */
function parts(block: Block, planned: number | undefined): { opening: object; deltas: readonly object[] } {
  switch (block.type) {
    case 'thinking': {
      const thoughts = pieces(block.thinking, planned ?? 3).map((thinking) => ({ type: 'thinking_delta', thinking }));
      const signature = { type: 'signature_delta', signature: block.signature };
      return { opening: { ...block, thinking: '', signature: '' }, deltas: [...thoughts, signature] };
    }
    case 'tool_use':
    case 'server_tool_use': {
      const json = pieces(JSON.stringify(block.input), planned ?? 3);
      return {
        opening: { ...block, input: {} },
        deltas: json.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      };
    }
    case 'text': {
      const texts = pieces(block.text, planned ?? usualPieces(block.text));
      return {
        opening: { ...block, text: '', citations: null },
        deltas: texts.map((text) => ({ type: 'text_delta', text })),
      };
    }
  }
}
