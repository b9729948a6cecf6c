/** Invocations of @google/generative-ai -> facts. */
import { OPERATION } from '@tokenmeter/semconv';
import type { RequestFacts } from '../../call/facts.ts';
import { generation, modelId } from '../google-genai/request.ts';
import { bag, dataOf } from '../read.ts';
import type { Invocation, Owner } from './types.ts';

/** The method's arguments are a text, parts or a request, and options. */
export function invocation(value: unknown, [request, given]: readonly unknown[]): Invocation {
  const owner = value as Owner;
  const options = { ...bag(owner._requestOptions), ...bag(given) };
  return {
    model: owner.model,
    config: dataOf(request)?.generationConfig ?? owner.generationConfig ?? owner.params?.generationConfig,
    prompt: [request, owner.systemInstruction ?? owner.params?.systemInstruction, owner.tools, owner._history],
    options,
  };
}

export const contentRequest =
  (stream: boolean) =>
  (value: unknown): RequestFacts => {
    const { model, config } = value as Invocation;
    return generation(model, dataOf(config) ?? {}, stream);
  };

export function embedRequest(value: unknown): RequestFacts {
  const { model } = value as Invocation;
  return { operation: OPERATION.embeddings, model: modelId(model), stream: false, attributes: {} };
}
