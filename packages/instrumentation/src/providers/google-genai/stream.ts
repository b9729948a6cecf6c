/**
 * Chunks of a `generateContent` stream -> state. Each chunk is a whole response with the usage so far, so the last usage
 * counts; searches and the tier may stand in other chunks than the last.
 */

import { countCharacters } from '../../call/estimate.ts';
import type { Endpoint, StreamReader } from '../../call/facts.ts';
import { bag, list, text } from '../read.ts';
import { readContent } from './response.ts';
import type { Candidate, Content, Part } from './types.ts';

export function contentReader(endpoint: Endpoint): StreamReader {
  const reasons: string[] = [];
  const queries = new Set<unknown>();
  let modelVersion: unknown;
  let responseId: unknown;
  let promptFeedback: Content['promptFeedback'];
  let usageMetadata: unknown;
  let sdkHttpResponse: Content['sdkHttpResponse'];
  let outputCharacters = 0;
  return {
    read(value) {
      const chunk = bag(value) as Content | undefined;
      if (!chunk) return;
      modelVersion ??= chunk.modelVersion;
      responseId ??= chunk.responseId;
      promptFeedback ??= chunk.promptFeedback;
      sdkHttpResponse ??= chunk.sdkHttpResponse;
      usageMetadata = chunk.usageMetadata ?? usageMetadata;
      for (const item of list(chunk.candidates)) {
        const candidate = item as Candidate | null;
        const reason = text(candidate?.finishReason);
        if (reason !== undefined) reasons[typeof candidate?.index === 'number' ? candidate.index : 0] = reason;
        for (const part of list(candidate?.content?.parts)) outputCharacters += lengthOf(part as Part | null);
        for (const query of list(candidate?.groundingMetadata?.webSearchQueries)) queries.add(query);
      }
    },
    facts: () => ({
      ...readContent(
        {
          modelVersion,
          responseId,
          promptFeedback,
          usageMetadata,
          sdkHttpResponse,
          candidates: [
            { groundingMetadata: { webSearchQueries: [...queries] } },
            ...reasons.map((finishReason) => ({ finishReason })),
          ],
        },
        endpoint,
      ),
      partial: reasons.length === 0 && promptFeedback === undefined ? true : undefined,
      outputCharacters,
    }),
  };
}

function lengthOf(part: Part | null): number {
  const { text: said, functionCall } = part ?? {};
  return (typeof said === 'string' ? said.length : 0) + (functionCall ? countCharacters(functionCall.args) : 0);
}
