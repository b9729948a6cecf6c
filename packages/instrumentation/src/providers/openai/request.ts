/** OpenAI request parameters -> facts. */
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { type AttributeRow, attributesFrom, bag, list, number, text, texts } from '../read.ts';

type Params = Readonly<Record<string, unknown>>;

const stop = (value: unknown): readonly string[] => texts(Array.isArray(value) ? value : [value]);

const SAMPLING: readonly AttributeRow[] = [
  ['temperature', ATTR.requestTemperature, number],
  ['top_p', ATTR.requestTopP, number],
];

/** `auto` is the default and says nothing. */
const tier = (value: unknown): string | undefined => (value === 'auto' ? undefined : text(value));

const CHAT: readonly AttributeRow[] = [
  ...SAMPLING,
  ['frequency_penalty', ATTR.requestFrequencyPenalty, number],
  ['presence_penalty', ATTR.requestPresencePenalty, number],
  ['seed', ATTR.requestSeed, number],
  ['n', ATTR.requestChoiceCount, (value) => (value === 1 ? undefined : number(value))],
  ['stop', ATTR.requestStopSequences, stop],
  ['service_tier', ATTR.openaiRequestServiceTier, tier],
  ['response_format', ATTR.outputType, (value) => outputType(bag(value)?.type)],
];

const RESPONSES: readonly AttributeRow[] = [
  ...SAMPLING,
  ['service_tier', ATTR.openaiRequestServiceTier, tier],
  ['text', ATTR.outputType, (value) => outputType(bag(bag(value)?.format)?.type)],
  ['conversation', ATTR.conversationId, (value) => text(value) ?? text(bag(value)?.id)],
];

const EMBEDDINGS: readonly AttributeRow[] = [
  ['encoding_format', ATTR.requestEncodingFormats, (value) => texts([value])],
  ['dimensions', ATTR.embeddingsDimensionCount, number],
];

const MEDIA: readonly AttributeRow[] = [
  ['n', ATTR.requestChoiceCount, (value) => (value === 1 ? undefined : number(value))],
  ['temperature', ATTR.requestTemperature, number],
];

/** The conventions know `text`, `json`, `image` and `speech`. */
function outputType(type: unknown): string | undefined {
  if (type === 'text') return 'text';
  return type === 'json_object' || type === 'json_schema' ? 'json' : undefined;
}

function facts(operation: string, params: unknown, rows: readonly AttributeRow[], maxTokens: unknown): RequestFacts {
  const body: Params = bag(params) ?? {};
  const stream = body.stream === true;
  const attributes = attributesFrom(body, rows);
  const maxOutputTokens = number(maxTokens);
  if (maxOutputTokens !== undefined) attributes[ATTR.requestMaxTokens] = maxOutputTokens;
  if (stream) attributes[ATTR.requestStream] = true;
  return { operation, model: text(body.model), stream, maxOutputTokens, attributes };
}

export function chatRequest(params: unknown): RequestFacts {
  const body = bag(params);
  return facts(OPERATION.chat, params, CHAT, body?.max_completion_tokens ?? body?.max_tokens);
}

export function completionRequest(params: unknown): RequestFacts {
  return facts(OPERATION.textCompletion, params, CHAT, bag(params)?.max_tokens);
}

export function responsesRequest(params: unknown): RequestFacts {
  return facts(OPERATION.chat, params, RESPONSES, bag(params)?.max_output_tokens);
}

export function embeddingsRequest(params: unknown): RequestFacts {
  return facts(OPERATION.embeddings, params, EMBEDDINGS, undefined);
}

/** Images, speech and text of speech: generated content, of which the conventions know the kind. */
function mediaRequest(outputType: string): (params: unknown) => RequestFacts {
  return (params) => {
    const { attributes, ...known } = facts(OPERATION.generateContent, params, MEDIA, undefined);
    return { ...known, attributes: { ...attributes, [ATTR.outputType]: outputType } };
  };
}

export const imagesRequest: (params: unknown) => RequestFacts = mediaRequest('image');
export const speechRequest: (params: unknown) => RequestFacts = mediaRequest('speech');
export const transcriptionRequest: (params: unknown) => RequestFacts = mediaRequest('text');

/** What OpenAI takes where a request names no model. */
const MODERATION_MODEL = 'omni-moderation-latest';

export function moderationRequest(params: unknown): RequestFacts {
  const known = facts(OPERATION.moderation, params, [], undefined);
  return { ...known, model: known.model ?? MODERATION_MODEL };
}

/**
 * Asks for usage in a chat stream, on a shallow copy, where the app left it open. The stream then ends with a chunk
 * without choices that has the usage, and every other chunk has `usage: null`.
 */
export const askForUsage: {
  params(params: unknown): unknown | undefined;
  restore(event: unknown): boolean;
  undo(body: string, refusal: string): string | undefined;
} = {
  params(params) {
    const body = bag(params);
    if (!body) return undefined;
    const options = bag(body.stream_options);
    if (options?.include_usage !== undefined) return undefined;
    return { ...body, stream_options: { ...options, include_usage: true } };
  },
  restore(event) {
    const chunk = event as { usage?: unknown; choices?: unknown } | null;
    if (chunk?.usage === null) delete chunk.usage;
    return chunk?.usage !== undefined && list(chunk.choices).length === 0;
  },
  undo(body, refusal) {
    if (!/stream_options|include_usage/.test(refusal)) return undefined;
    const { stream_options: options, ...rest } = JSON.parse(body) as { stream_options?: Record<string, unknown> };
    const { include_usage: _, ...kept } = options ?? {};
    return JSON.stringify(Object.keys(kept).length > 0 ? { ...rest, stream_options: kept } : rest);
  },
};
