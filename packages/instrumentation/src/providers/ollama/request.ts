/** Ollama request parameters -> facts. The sampling stands in `options`. */
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { type AttributeRow, attributesFrom, dataOf, number, text, textList } from '../read.ts';

const OPTIONS: readonly AttributeRow[] = [
  ['num_predict', ATTR.requestMaxTokens, number],
  ['temperature', ATTR.requestTemperature, number],
  ['top_p', ATTR.requestTopP, number],
  ['top_k', ATTR.requestTopK, number],
  ['frequency_penalty', ATTR.requestFrequencyPenalty, number],
  ['presence_penalty', ATTR.requestPresencePenalty, number],
  ['seed', ATTR.requestSeed, number],
  ['stop', ATTR.requestStopSequences, textList],
];

function facts(operation: string, params: unknown): RequestFacts {
  const body = dataOf(params) ?? {};
  const options = dataOf(body.options) ?? {};
  const stream = body.stream === true;
  const attributes = attributesFrom(options, OPTIONS);
  if (stream) attributes[ATTR.requestStream] = true;
  if (body.format) attributes[ATTR.outputType] = 'json';
  return { operation, model: text(body.model), stream, maxOutputTokens: number(options.num_predict), attributes };
}

export function chatRequest(params: unknown): RequestFacts {
  return facts(OPERATION.chat, params);
}

export function generateRequest(params: unknown): RequestFacts {
  return facts(OPERATION.textCompletion, params);
}

export function embedRequest(params: unknown): RequestFacts {
  return facts(OPERATION.embeddings, params);
}
