/** Parameters of @google/genai -> facts. */
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { type AttributeRow, attributesFrom, type Bag, dataOf, number, text, textList } from '../read.ts';

const GENERATION: readonly AttributeRow[] = [
  ['temperature', ATTR.requestTemperature, number],
  ['topP', ATTR.requestTopP, number],
  ['topK', ATTR.requestTopK, number],
  ['maxOutputTokens', ATTR.requestMaxTokens, number],
  ['stopSequences', ATTR.requestStopSequences, textList],
  ['frequencyPenalty', ATTR.requestFrequencyPenalty, number],
  ['presencePenalty', ATTR.requestPresencePenalty, number],
  ['seed', ATTR.requestSeed, number],
  ['candidateCount', ATTR.requestChoiceCount, (value) => (value === 1 ? undefined : number(value))],
  ['responseModalities', ATTR.outputType, modality],
  ['responseMimeType', ATTR.outputType, (value) => (value === 'application/json' ? 'json' : undefined)],
];

const EMBEDDING: readonly AttributeRow[] = [['outputDimensionality', ATTR.embeddingsDimensionCount, number]];

const IMAGES: readonly AttributeRow[] = [
  ['numberOfImages', ATTR.requestChoiceCount, (value) => (value === 1 ? undefined : number(value))],
];

/** The conventions' word for what is asked for; a mix of text and image is asked for because of the image. */
function modality(value: unknown): string | undefined {
  const asked = Array.isArray(value) ? value : [value];
  if (asked.includes('IMAGE')) return 'image';
  return asked.includes('AUDIO') ? 'speech' : undefined;
}

/**
 * The model's own id, without the collection that it is addressed in: `models/x`, `publishers/google/models/x` and
 * `projects/…/publishers/google/models/x` are all `x`. Tuned models and endpoints keep their whole name.
 */
export function modelId(model: unknown): string | undefined {
  return text(model)?.replace(/^(?:(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/google\/)?models\//, '');
}

interface Params {
  readonly body: Bag;
  readonly config: Bag;
}

function paramsOf(value: unknown): Params {
  const body = dataOf(value) ?? {};
  return { body, config: dataOf(body.config) ?? {} };
}

/** `generation`: the fields of the request that say how to generate; they stand in `config`, or in the legacy SDK apart. */
export function generation(model: unknown, fields: Bag, stream: boolean): RequestFacts {
  const attributes = attributesFrom(fields, GENERATION);
  if (stream) attributes[ATTR.requestStream] = true;
  const tier = text(fields.serviceTier)?.toLowerCase();
  return {
    operation: OPERATION.generateContent,
    model: modelId(model),
    stream,
    maxOutputTokens: number(fields.maxOutputTokens),
    attributes,
    context: tier === undefined || tier === 'unspecified' ? undefined : { serviceTier: tier },
  };
}

export function contentRequest(value: unknown): RequestFacts {
  const { body, config } = paramsOf(value);
  return generation(body.model, config, false);
}

export function contentStreamRequest(value: unknown): RequestFacts {
  const { body, config } = paramsOf(value);
  return generation(body.model, config, true);
}

export function embedRequest(value: unknown): RequestFacts {
  const { body, config } = paramsOf(value);
  return {
    operation: OPERATION.embeddings,
    model: modelId(body.model),
    stream: false,
    attributes: attributesFrom(config, EMBEDDING),
  };
}

/** Imagen: generate, edit, upscale. */
export function imagesRequest(value: unknown): RequestFacts {
  const { body, config } = paramsOf(value);
  return {
    operation: OPERATION.generateContent,
    model: modelId(body.model),
    stream: false,
    attributes: { ...attributesFrom(config, IMAGES), [ATTR.outputType]: 'image' },
  };
}

/** Veo. The conventions have no word for its output. */
export function videosRequest(value: unknown): RequestFacts {
  const { body } = paramsOf(value);
  return { operation: OPERATION.generateContent, model: modelId(body.model), stream: false, attributes: {} };
}
