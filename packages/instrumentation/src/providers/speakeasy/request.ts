/** Request parameters in camel case -> facts. */
import { ATTR } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { type AttributeRow, attributesFrom, dataOf, number, text, textList, texts } from '../read.ts';

const REQUEST: readonly AttributeRow[] = [
  ['temperature', ATTR.requestTemperature, number],
  ['topP', ATTR.requestTopP, number],
  ['topK', ATTR.requestTopK, number],
  ['frequencyPenalty', ATTR.requestFrequencyPenalty, number],
  ['presencePenalty', ATTR.requestPresencePenalty, number],
  ['seed', ATTR.requestSeed, number],
  ['randomSeed', ATTR.requestSeed, number],
  ['n', ATTR.requestChoiceCount, (value) => (value === 1 ? undefined : number(value))],
  ['stop', ATTR.requestStopSequences, (value) => textList(value) ?? texts([value])],
  ['responseFormat', ATTR.outputType, (value) => outputType(dataOf(value)?.type)],
  ['encodingFormat', ATTR.requestEncodingFormats, (value) => texts([value])],
  ['dimensions', ATTR.embeddingsDimensionCount, number],
  ['outputDimension', ATTR.embeddingsDimensionCount, number],
];

function outputType(type: unknown): string | undefined {
  if (type === 'text') return 'text';
  return type === 'json_object' || type === 'json_schema' ? 'json' : undefined;
}

/** `stream`: whether the method streams; default: what the parameters say. */
export function camelRequest(operation: string, stream?: boolean): (params: unknown) => RequestFacts {
  return (params) => {
    const body = dataOf(params) ?? {};
    const streams = stream ?? body.stream === true;
    const attributes = attributesFrom(body, REQUEST);
    const maxOutputTokens = number(body.maxCompletionTokens ?? body.maxTokens);
    if (maxOutputTokens !== undefined) attributes[ATTR.requestMaxTokens] = maxOutputTokens;
    if (streams) attributes[ATTR.requestStream] = true;
    return { operation, model: text(body.model), stream: streams, maxOutputTokens, attributes };
  };
}
