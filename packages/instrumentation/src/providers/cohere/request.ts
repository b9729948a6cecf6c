/** Cohere request parameters -> facts. */
import { ATTR } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { type AttributeRow, attributesFrom, dataOf, number, text, textList } from '../read.ts';

const REQUEST: readonly AttributeRow[] = [
  ['maxTokens', ATTR.requestMaxTokens, number],
  ['temperature', ATTR.requestTemperature, number],
  ['p', ATTR.requestTopP, number],
  ['k', ATTR.requestTopK, number],
  ['frequencyPenalty', ATTR.requestFrequencyPenalty, number],
  ['presencePenalty', ATTR.requestPresencePenalty, number],
  ['seed', ATTR.requestSeed, number],
  ['stopSequences', ATTR.requestStopSequences, textList],
  ['responseFormat', ATTR.outputType, (value) => (dataOf(value)?.type === 'json_object' ? 'json' : undefined)],
  ['embeddingTypes', ATTR.requestEncodingFormats, textList],
  ['outputDimension', ATTR.embeddingsDimensionCount, number],
];

/** Which method was called says whether it streams. */
export function cohereRequest(operation: string, stream: boolean): (params: unknown) => RequestFacts {
  return (params) => {
    const body = dataOf(params) ?? {};
    const attributes = attributesFrom(body, REQUEST);
    if (stream) attributes[ATTR.requestStream] = true;
    return { operation, model: text(body.model), stream, maxOutputTokens: number(body.maxTokens), attributes };
  };
}
