/** Request parameters -> facts, of the APIs that OpenAI's compatible hosts share. */
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { type AttributeRow, attributesFrom, dataOf, number, text, textList, texts } from '../read.ts';

const stop = (value: unknown): readonly string[] => textList(value) ?? texts([value]);

export const SAMPLING: readonly AttributeRow[] = [
  ['temperature', ATTR.requestTemperature, number],
  ['top_p', ATTR.requestTopP, number],
];

/** `auto` is the default and says nothing. */
export const tier = (value: unknown): string | undefined => (value === 'auto' ? undefined : text(value));

const CHAT: readonly AttributeRow[] = [
  ...SAMPLING,
  ['frequency_penalty', ATTR.requestFrequencyPenalty, number],
  ['presence_penalty', ATTR.requestPresencePenalty, number],
  ['seed', ATTR.requestSeed, number],
  ['n', ATTR.requestChoiceCount, (value) => (value === 1 ? undefined : number(value))],
  ['stop', ATTR.requestStopSequences, stop],
  ['service_tier', ATTR.openaiRequestServiceTier, tier],
  ['response_format', ATTR.outputType, (value) => outputType(dataOf(value)?.type)],
];

const EMBEDDINGS: readonly AttributeRow[] = [
  ['encoding_format', ATTR.requestEncodingFormats, (value) => texts([value])],
  ['dimensions', ATTR.embeddingsDimensionCount, number],
];

/** The conventions know `text`, `json`, `image` and `speech`. */
export function outputType(type: unknown): string | undefined {
  if (type === 'text') return 'text';
  return type === 'json_object' || type === 'json_schema' ? 'json' : undefined;
}

/** `maxTokens`: the fields that may limit the answer; the first one that is there does. */
export function requestFacts(
  operation: string,
  params: unknown,
  rows: readonly AttributeRow[],
  ...maxTokens: readonly string[]
): RequestFacts {
  const body = dataOf(params) ?? {};
  const stream = body.stream === true;
  const attributes = attributesFrom(body, rows);
  const limit = maxTokens.find((field) => body[field] !== undefined && body[field] !== null);
  const most = limit === undefined ? undefined : number(body[limit]);
  if (most !== undefined) attributes[ATTR.requestMaxTokens] = most;
  // Each of `n` answers may be that long.
  const maxOutputTokens = most === undefined ? undefined : most * (number(body.n) ?? 1);
  if (stream) attributes[ATTR.requestStream] = true;
  return { operation, model: text(body.model), stream, maxOutputTokens, attributes };
}

export function chatRequest(params: unknown): RequestFacts {
  return requestFacts(OPERATION.chat, params, CHAT, 'max_completion_tokens', 'max_tokens');
}

export function completionRequest(params: unknown): RequestFacts {
  return requestFacts(OPERATION.textCompletion, params, CHAT, 'max_tokens');
}

export function embeddingsRequest(params: unknown): RequestFacts {
  return requestFacts(OPERATION.embeddings, params, EMBEDDINGS);
}
