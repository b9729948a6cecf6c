/** The stream of a generated content: each chunk is a whole response, with usage so far; the last one counts. */
import type { ApiRequest } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { pieces, usualPieces } from '../core/prose.ts';
import { dataFrame } from '../core/sse.ts';
import { contentBody } from './bodies.ts';
import type { Generation } from './generation.ts';

/** `streamGenerateContent` events. `total` is the usage of the last one. */
export function contentFrames(request: ApiRequest, generation: Generation, total: unknown): readonly string[] {
  const { model, plan } = request;
  const { text, functionCall, image, consumed, id } = generation;
  const visible = consumed.output - consumed.reasoning;
  const texts = functionCall || image ? [] : pieces(text, plan.chunks ?? usualPieces(text));
  const chunks = texts.slice(0, -1).map((part, index) => {
    const soFar = Math.floor((visible * (index + 1)) / texts.length);
    const usage = {
      promptTokenCount: consumed.input,
      candidatesTokenCount: soFar,
      ...(consumed.reasoning > 0 && { thoughtsTokenCount: consumed.reasoning }),
      totalTokenCount: consumed.input + consumed.reasoning + soFar,
    };
    return {
      candidates: [{ content: { parts: [{ text: part }], role: 'model' }, index: 0 }],
      usageMetadata: distort(usage, plan.fault),
      modelVersion: model,
      responseId: id,
    };
  });
  const last = { ...generation, text: texts.at(-1) ?? '' };
  return [...chunks, contentBody(request, last, total)].map(dataFrame);
}
