/** JSON bodies of the Gemini API. */
import { type Consumption, NOTHING, tokensOf } from '../core/consumption.ts';
import { type Answer, type ApiRequest, Refusal } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { list, number, record } from '../core/json.ts';
import type { Random } from '../core/random.ts';
import type { Generation } from './generation.ts';

/** `usageMetadata`: the prompt includes what was cached, the candidates leave out the thoughts. */
export function usageMetadata(
  consumed: Consumption,
  modality: 'TEXT' | 'IMAGE' = 'TEXT',
): Readonly<Record<string, unknown>> {
  const { input, output, cacheRead, reasoning } = consumed;
  const candidates = output - reasoning;
  return {
    promptTokenCount: input,
    candidatesTokenCount: candidates,
    totalTokenCount: input + output,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead, cacheTokensDetails: ofText(cacheRead) }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    promptTokensDetails: ofText(input),
    candidatesTokensDetails: [{ modality, tokenCount: candidates }],
  };
}

function ofText(tokenCount: number): readonly object[] {
  return [{ modality: 'TEXT', tokenCount }];
}

/** The first bytes of a picture. */
const PNG = { mimeType: 'image/png', data: 'iVBORw0KGgo=' };

/** A whole `GenerateContentResponse`. */
export function contentBody({ model }: ApiRequest, generation: Generation, usage: unknown): object {
  const { id, text, functionCall, image, finishReason } = generation;
  const parts = [functionCall ? { functionCall } : image ? { inlineData: PNG } : { text }];
  return {
    candidates: [{ content: { parts, role: 'model' }, finishReason, index: 0 }],
    usageMetadata: usage,
    modelVersion: model,
    responseId: id,
  };
}

/** `:countTokens`: free. */
export function countTokens({ body }: ApiRequest): Answer {
  const inner = record(body.generateContentRequest);
  const counted = tokensOf(body.contents ?? inner.contents, inner.systemInstruction, inner.tools);
  return { consumed: NOTHING, body: { totalTokens: counted, promptTokensDetails: ofText(counted) } };
}

/** `:embedContent`. */
export function embedContent(request: ApiRequest): Answer {
  const { facts, usage, embeddings } = embed(request, [request.body]);
  return { ...facts, body: { embedding: embeddings[0], usageMetadata: usage } };
}

/** `:batchEmbedContents`, which the SDK uses for any number of texts. */
export function batchEmbedContents(request: ApiRequest): Answer {
  const { facts, usage, embeddings } = embed(request, list(request.body.requests));
  return { ...facts, body: { embeddings, usageMetadata: usage } };
}

/** `:predict` of Vertex AI: what a model of another kind than Gemini makes of each instance. */
export function predict(request: ApiRequest): Answer {
  const { body, random, plan } = request;
  const instances = list(body.instances);
  if (instances.some((instance) => record(instance).prompt !== undefined)) {
    const images = number(record(body.parameters).sampleCount) ?? 1;
    const predictions = Array.from({ length: images }, () => ({
      mimeType: PNG.mimeType,
      bytesBase64Encoded: PNG.data,
    }));
    return { consumed: NOTHING, body: { predictions } };
  }
  const counts = instances.map((instance) => tokensOf(record(instance).content));
  const consumed = { ...NOTHING, input: counts.reduce((sum, count) => sum + count, 0), ...plan.usage };
  const dimensions = number(record(body.parameters).outputDimensionality) ?? 768;
  const predictions = counts.map((count) => ({
    embeddings: { values: vector(random, dimensions), statistics: { truncated: false, token_count: count } },
  }));
  return { consumed, usage: { token_count: consumed.input }, body: { predictions } };
}

interface Embedded {
  readonly facts: Answer;
  readonly usage: unknown;
  readonly embeddings: readonly object[];
}

function embed({ random, plan }: ApiRequest, requests: readonly unknown[]): Embedded {
  if (requests.length === 0) throw new Refusal(400, { message: '* BatchEmbedContentsRequest.requests: not specified' });
  const counted = requests.reduce<number>((sum, one) => sum + tokensOf(record(one).content), 0);
  const consumed = { ...NOTHING, input: counted, ...plan.usage };
  const metadata = { promptTokenCount: consumed.input, promptTokensDetails: ofText(consumed.input) };
  const usage = distort(metadata, plan.fault);
  const embeddings = requests.map((one) => ({
    values: vector(random, number(record(one).outputDimensionality) ?? 768),
  }));
  return { facts: { consumed, usage }, usage, embeddings };
}

function vector(random: Random, dimensions: number): readonly number[] {
  return Array.from({ length: dimensions }, () => Math.fround((random() - 0.5) / 16));
}
