/** Parameters of OpenAI's own Responses API -> facts. */
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { outputType, requestFacts, SAMPLING, tier } from '../openai-wire/request.ts';
import { type AttributeRow, bag, text } from '../read.ts';

const RESPONSES: readonly AttributeRow[] = [
  ...SAMPLING,
  ['service_tier', ATTR.openaiRequestServiceTier, tier],
  ['text', ATTR.outputType, (value) => outputType(bag(bag(value)?.format)?.type)],
  ['conversation', ATTR.conversationId, (value) => text(value) ?? text(bag(value)?.id)],
];

export function responsesRequest(params: unknown): RequestFacts {
  return requestFacts(OPERATION.chat, params, RESPONSES, bag(params)?.max_output_tokens);
}
