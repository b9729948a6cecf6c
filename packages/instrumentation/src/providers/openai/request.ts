/** Parameters of OpenAI's own APIs -> facts. */
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { outputType, requestFacts, SAMPLING, tier } from '../openai-wire/request.ts';
import { type AttributeRow, dataOf, number, text } from '../read.ts';

const RESPONSES: readonly AttributeRow[] = [
  ...SAMPLING,
  ['service_tier', ATTR.openaiRequestServiceTier, tier],
  ['text', ATTR.outputType, (value) => outputType(dataOf(dataOf(value)?.format)?.type)],
  ['conversation', ATTR.conversationId, (value) => text(value) ?? text(dataOf(value)?.id)],
];

const MEDIA: readonly AttributeRow[] = [
  ['n', ATTR.requestChoiceCount, (value) => (value === 1 ? undefined : number(value))],
  ['temperature', ATTR.requestTemperature, number],
];

export function responsesRequest(params: unknown): RequestFacts {
  return requestFacts(OPERATION.chat, params, RESPONSES, 'max_output_tokens');
}

export function decisionsRequest(params: unknown): RequestFacts {
  return requestFacts(OPERATION.chat, params, []);
}

/** Images, videos, speech and text of speech: generated content, of which the conventions know the kind. */
function mediaRequest(outputType: string): (params: unknown) => RequestFacts {
  return (params) => {
    const { attributes, ...known } = requestFacts(OPERATION.generateContent, params, MEDIA);
    return { ...known, attributes: { ...attributes, [ATTR.outputType]: outputType } };
  };
}

export const imagesRequest: (params: unknown) => RequestFacts = mediaRequest('image');
export const videosRequest: (params: unknown) => RequestFacts = mediaRequest('video');
export const speechRequest: (params: unknown) => RequestFacts = mediaRequest('speech');
export const transcriptionRequest: (params: unknown) => RequestFacts = mediaRequest('text');

/** What OpenAI takes where a request names no model. */
const MODERATION_MODEL = 'omni-moderation-latest';

export function moderationRequest(params: unknown): RequestFacts {
  const known = requestFacts(OPERATION.moderation, params, []);
  return { ...known, model: known.model ?? MODERATION_MODEL };
}
