/** The stream of a response: opened, item by item, and closed by an event that carries the whole body and the usage. */
import type { ApiRequest } from '../../core/exchange.ts';
import { pieces, usualPieces } from '../../core/prose.ts';
import { namedFrame } from '../../core/sse.ts';
import { pendingBody, responseBody } from './bodies.ts';
import type { ContentPart, Decided, OutputItem } from './response.ts';

export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The events as they are streamed over HTTP. */
export function responseFrames(request: ApiRequest, decided: Decided): readonly string[] {
  return responseEvents(request, decided).map(namedFrame);
}

/** The events, numbered. The last is `response.completed`, `response.incomplete` or `response.failed`. */
export function responseEvents(request: ApiRequest, decided: Decided): readonly StreamEvent[] {
  const pending = pendingBody(request, decided, 'in_progress');
  const events: readonly StreamEvent[] = [
    { type: 'response.created', response: pending },
    { type: 'response.in_progress', response: pending },
    ...decided.output.flatMap((item, index) => itemEvents(item, index, request.plan.chunks)),
    { type: `response.${decided.status}`, response: responseBody(request, decided) },
  ];
  return events.map((event, index) => ({ ...event, sequence_number: index }));
}

function itemEvents(item: OutputItem, index: number, planned: number | undefined): readonly StreamEvent[] {
  const { opened, changes } = parts(item, index, planned);
  return [
    { type: 'response.output_item.added', output_index: index, item: opened },
    ...changes,
    { type: 'response.output_item.done', output_index: index, item },
  ];
}

/** An item as it opens, and the events that fill it. */
function parts(
  item: OutputItem,
  index: number,
  planned: number | undefined,
): { opened: object; changes: readonly StreamEvent[] } {
  const at = { item_id: item.id, output_index: index };
  switch (item.type) {
    case 'reasoning':
      return { opened: item, changes: [] };
    case 'function_call': {
      const type = 'response.function_call_arguments';
      const deltas = pieces(item.arguments, planned ?? 3).map((delta) => ({ type: `${type}.delta`, ...at, delta }));
      const done = { type: `${type}.done`, ...at, name: item.name, arguments: item.arguments };
      return { opened: { ...item, status: 'in_progress', arguments: '' }, changes: [...deltas, done] };
    }
    case 'message':
      return {
        opened: { ...item, status: 'in_progress', content: [] },
        changes: contentEvents(item.content[0], { ...at, content_index: 0 }, planned),
      };
  }
}

function contentEvents(part: ContentPart, at: object, planned: number | undefined): readonly StreamEvent[] {
  const field = part.type === 'refusal' ? 'refusal' : 'text';
  const type = part.type === 'refusal' ? 'response.refusal' : 'response.output_text';
  const extra = part.type === 'refusal' ? {} : { logprobs: [] };
  const text = part.type === 'refusal' ? part.refusal : part.text;
  const deltas = pieces(text, planned ?? usualPieces(text));
  return [
    { type: 'response.content_part.added', ...at, part: { ...part, [field]: '' } },
    ...deltas.map((delta) => ({ type: `${type}.delta`, ...at, delta, ...extra })),
    { type: `${type}.done`, ...at, [field]: text, ...extra },
    { type: 'response.content_part.done', ...at, part },
  ];
}
