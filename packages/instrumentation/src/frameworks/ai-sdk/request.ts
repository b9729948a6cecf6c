/** Invocations of the AI SDK's models -> facts. */
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import type { Endpoint, RequestFacts } from '../../call/facts.ts';
import { endpointAt } from '../../providers/endpoint.ts';
import { type AttributeRow, attributesFrom, bag, number, text, textList } from '../../providers/read.ts';
import { providerNamed } from '../provider.ts';
import type { Invocation, Model } from './types.ts';

const SETTINGS: readonly AttributeRow[] = [
  ['temperature', ATTR.requestTemperature, number],
  ['topP', ATTR.requestTopP, number],
  ['topK', ATTR.requestTopK, number],
  ['maxOutputTokens', ATTR.requestMaxTokens, number],
  ['stopSequences', ATTR.requestStopSequences, textList],
  ['frequencyPenalty', ATTR.requestFrequencyPenalty, number],
  ['presencePenalty', ATTR.requestPresencePenalty, number],
  ['seed', ATTR.requestSeed, number],
  ['responseFormat', ATTR.outputType, (value) => (bag(value)?.type === 'json' ? 'json' : undefined)],
];

export function invocation(model: unknown, [options]: readonly unknown[]): Invocation {
  return { model: model as Model, options: bag(options) ?? {} };
}

export const languageRequest =
  (stream: boolean) =>
  (value: unknown): RequestFacts => {
    const { model, options } = value as Invocation;
    const attributes = attributesFrom(options, SETTINGS);
    if (stream) attributes[ATTR.requestStream] = true;
    return {
      operation: OPERATION.chat,
      model: text(model.modelId),
      stream,
      maxOutputTokens: number(options.maxOutputTokens),
      attributes,
    };
  };

export function embeddingRequest(value: unknown): RequestFacts {
  const { model } = value as Invocation;
  return { operation: OPERATION.embeddings, model: text(model.modelId), stream: false, attributes: {} };
}

/** `openai.chat`, `google.vertex.chat`: the provider and the API of it that a model speaks. */
export function providerOf(model: Model): string {
  const name = text(model.provider) ?? 'unknown';
  if (name.startsWith('google.vertex')) return providerNamed('vertex');
  return providerNamed(name.split('.', 1)[0] as string);
}

export function modelEndpoint(value: unknown): Endpoint {
  const model = value as Model;
  return endpointAt(baseUrl(model), providerOf(model));
}

function baseUrl({ config, modelId }: Model): unknown {
  const { baseURL, url } = bag(config) ?? {};
  return typeof url === 'function' ? url({ path: '', modelId }) : baseURL;
}
