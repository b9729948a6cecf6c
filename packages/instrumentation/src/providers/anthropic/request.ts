/** Anthropic request parameters -> facts. */
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { type AttributeRow, attributesFrom, dataOf, number, text, textList } from '../read.ts';

const REQUEST: readonly AttributeRow[] = [
  ['max_tokens', ATTR.requestMaxTokens, number],
  ['temperature', ATTR.requestTemperature, number],
  ['top_p', ATTR.requestTopP, number],
  ['top_k', ATTR.requestTopK, number],
  ['stop_sequences', ATTR.requestStopSequences, textList],
];

export function messagesRequest(params: unknown): RequestFacts {
  const body = dataOf(params) ?? {};
  const stream = body.stream === true;
  const attributes = attributesFrom(body, REQUEST);
  if (stream) attributes[ATTR.requestStream] = true;
  return {
    operation: OPERATION.chat,
    model: text(body.model),
    stream,
    maxOutputTokens: number(body.max_tokens),
    attributes,
  };
}
