/** The addresses of the Gemini API, under `/v1` and `/v1beta`. */
import { type Answer, type ApiRequest, Refusal, type Route } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { batchEmbedContents, contentBody, countTokens, embedContent, usageMetadata } from './bodies.ts';
import { decideGeneration, type Generation } from './generation.ts';
import { contentFrames } from './stream.ts';

export const routes: readonly Route[] = [
  { method: 'POST', pattern: method('generateContent'), operation: 'generate_content', answer: generate },
  { method: 'POST', pattern: method('streamGenerateContent'), operation: 'generate_content', answer: stream },
  { method: 'POST', pattern: method('embedContent'), operation: 'embed_content', answer: embedContent },
  { method: 'POST', pattern: method('batchEmbedContents'), operation: 'embed_content', answer: batchEmbedContents },
  { method: 'POST', pattern: method('countTokens'), operation: 'count_tokens', free: true, answer: countTokens },
];

/** A method of a model: the model is the capture. */
function method(name: string): RegExp {
  return new RegExp(`^/v1(?:beta)?/models/([^/:]+):${name}$`);
}

function generate(request: ApiRequest): Answer {
  const generation = decideGeneration(request);
  const facts = factsOf(request, generation);
  return { ...facts, body: contentBody(request, generation, facts.usage) };
}

function stream(request: ApiRequest): Answer {
  if (request.query.get('alt') !== 'sse')
    throw new Refusal(400, { message: 'The fake provider streams with alt=sse only' });
  const generation = decideGeneration(request);
  return { ...factsOf(request, generation), frames: contentFrames(request, generation) };
}

function factsOf({ plan }: ApiRequest, { id, consumed, tier }: Generation): Answer {
  return {
    responseId: id,
    consumed,
    serviceTier: tier,
    usage: distort(usageMetadata(consumed), plan.fault),
    headers: { 'x-gemini-service-tier': tier },
  };
}
