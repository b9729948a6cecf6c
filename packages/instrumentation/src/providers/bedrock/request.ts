/** Inputs of Bedrock's commands -> facts. */
import { ATTR, OPERATION } from '@tokenmeter/semconv';
import { countCharacters } from '../../call/estimate.ts';
import type { RequestFacts } from '../../call/facts.ts';
import { type AttributeRow, attributesFrom, bag, dataOf, number, text, textList } from '../read.ts';
import { parseBody } from './body.ts';
import type { ConverseInput } from './types.ts';

const INFERENCE: readonly AttributeRow[] = [
  ['temperature', ATTR.requestTemperature, number],
  ['topP', ATTR.requestTopP, number],
  ['stopSequences', ATTR.requestStopSequences, textList],
];

/** Makers agree on these names, where they have them. */
const INVOKE: readonly AttributeRow[] = [
  ['temperature', ATTR.requestTemperature, number],
  ['top_p', ATTR.requestTopP, number],
  ['top_k', ATTR.requestTopK, number],
  ['stop_sequences', ATTR.requestStopSequences, textList],
  ['dimensions', ATTR.embeddingsDimensionCount, number],
];

export function converseRequest(stream: boolean): (params: unknown) => RequestFacts {
  return (params) => {
    const input = (dataOf(params) ?? {}) as ConverseInput;
    const inference = dataOf(input.inferenceConfig) ?? {};
    return facts(
      OPERATION.chat,
      input.modelId,
      stream,
      number(inference.maxTokens),
      attributesFrom(inference, INFERENCE),
    );
  };
}

export function invokeRequest(stream: boolean): (params: unknown) => RequestFacts {
  return (params) => {
    const { modelId, body: given } = dataOf(params) ?? {};
    const body = parseBody(given) ?? {};
    const inference = bag(body.inferenceConfig) ?? bag(body.textGenerationConfig) ?? {};
    const maximum =
      number(body.max_tokens) ??
      number(body.max_completion_tokens) ??
      number(body.max_gen_len) ??
      number(inference.maxTokens) ??
      number(inference.maxTokenCount);
    const attributes = { ...attributesFrom(inference, INFERENCE), ...attributesFrom(body, INVOKE) };
    return facts(operationOf(modelId), modelId, stream, maximum, attributes);
  };
}

/** InvokeModel says what it does by its model alone. */
export function operationOf(modelId: unknown): string {
  const model = text(modelId) ?? '';
  if (/embed/.test(model)) return OPERATION.embeddings;
  return /stability|canvas|reel|image/.test(model) ? OPERATION.generateContent : OPERATION.chat;
}

function facts(
  operation: string,
  model: unknown,
  stream: boolean,
  maxOutputTokens: number | undefined,
  attributes: RequestFacts['attributes'],
): RequestFacts {
  const all = { ...attributes };
  if (maxOutputTokens !== undefined) all[ATTR.requestMaxTokens] = maxOutputTokens;
  if (stream) all[ATTR.requestStream] = true;
  return { operation, model: text(model), stream, maxOutputTokens, attributes: all };
}

export function converseCharacters(params: unknown): number {
  const { messages, system, toolConfig } = (dataOf(params) ?? {}) as ConverseInput;
  return countCharacters(messages) + countCharacters(system) + countCharacters(toolConfig);
}

/** Fields of the makers' bodies that are prompt. */
const PROMPT = ['messages', 'system', 'tools', 'prompt', 'inputText', 'message', 'chat_history'] as const;

export function invokeCharacters(params: unknown): number {
  const body = parseBody(dataOf(params)?.body) ?? {};
  return PROMPT.reduce((sum, field) => sum + countCharacters(body[field]), 0);
}
