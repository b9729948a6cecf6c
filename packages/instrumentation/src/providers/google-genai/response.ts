/** Answers of the Gemini API and of Vertex AI, as @google/genai gives them -> facts. */
import { extractUsage, type UsageApi } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { bag, list, text, texts } from '../read.ts';
import { droppedUsage } from './transport.ts';
import type { Candidate, Content } from './types.ts';

/** A whole answer of `generateContent`. A prompt that was refused has no candidates: its reason stands apart. */
export function readContent(value: unknown, { provider }: Endpoint): ResponseFacts {
  const body = bag(value) as Content | undefined;
  if (!body) return { outputCharacters: 0 };
  const reasons = texts(list(body.candidates).map((candidate) => (candidate as Candidate | null)?.finishReason));
  const blocked = text(body.promptFeedback?.blockReason);
  return {
    model: text(body.modelVersion),
    id: text(body.responseId),
    finishReasons: reasons.length > 0 ? reasons : blocked === undefined ? undefined : [blocked],
    report: extractUsage({ provider, api: 'generate_content', body }),
    outputCharacters: 0,
  };
}

/** Embeddings: 1.x and 2.x read the usage from the wire and leave it out of what they return. */
export function readEmbeddings(value: unknown, { provider }: Endpoint): ResponseFacts {
  const body = bag(value) as Content | undefined;
  const usageMetadata = body?.usageMetadata ?? droppedUsage(body?.sdkHttpResponse?.headers);
  return {
    report: extractUsage({ provider, api: 'embed_content', body: usageMetadata ? { ...body, usageMetadata } : body }),
    outputCharacters: 0,
  };
}

/** Answers that say nothing but their usage. */
export function readUsage(api: UsageApi): (value: unknown, endpoint: Endpoint) => ResponseFacts {
  return (body, { provider }) => ({ report: extractUsage({ provider, api, body }), outputCharacters: 0 });
}
