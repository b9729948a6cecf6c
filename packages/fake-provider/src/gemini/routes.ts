/** The addresses of the Gemini API, under `/v1` and `/v1beta`, and those of Vertex AI, which has a project's or none. */
import { type Answer, type ApiRequest, Refusal, type Route } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { batchEmbedContents, contentBody, countTokens, embedContent, predict, usageMetadata } from './bodies.ts';
import { decideGeneration, type Generation } from './generation.ts';
import { interact, retrieveInteraction } from './interactions.ts';
import { contentFrames } from './stream.ts';

/** Vertex AI says in the body how a call was served, the Gemini API in a header. */
const ON_DEMAND = { trafficType: 'ON_DEMAND' };

export const routes: readonly Route[] = [
  { method: 'POST', pattern: method('generateContent'), operation: 'generate_content', answer: generate },
  { method: 'POST', pattern: method('streamGenerateContent'), operation: 'generate_content', answer: stream },
  { method: 'POST', pattern: method('embedContent'), operation: 'embed_content', answer: embedContent },
  { method: 'POST', pattern: method('batchEmbedContents'), operation: 'embed_content', answer: batchEmbedContents },
  { method: 'POST', pattern: method('countTokens'), operation: 'count_tokens', free: true, answer: countTokens },
  { method: 'POST', pattern: /^\/v1(?:beta)?\/interactions$/, operation: 'interactions', answer: interact },
  {
    method: 'GET',
    pattern: /^\/v1(?:beta)?\/interactions\/([^/]+)$/,
    operation: 'interactions.retrieve',
    free: true,
    answer: retrieveInteraction,
  },
  {
    method: 'POST',
    pattern: vertex('generateContent'),
    operation: 'generate_content',
    answer: (request) => generate(request, ON_DEMAND),
  },
  {
    method: 'POST',
    pattern: vertex('streamGenerateContent'),
    operation: 'generate_content',
    answer: (request) => stream(request, ON_DEMAND),
  },
  { method: 'POST', pattern: vertex('embedContent'), operation: 'embed_content', answer: embedContent },
  { method: 'POST', pattern: vertex('predict', 'imagen-[^/:]+'), operation: 'generate_images', answer: predict },
  { method: 'POST', pattern: vertex('predict'), operation: 'embed_content', answer: predict },
];

/** A method of a model: the model is the capture. */
function method(name: string): RegExp {
  return new RegExp(`^/v1(?:beta)?/models/([^/:]+):${name}$`);
}

/** The same of Vertex AI, where models have publishers. */
function vertex(name: string, model = '[^/:]+'): RegExp {
  return new RegExp(`^/v1(?:beta1)?/(?:projects/[^/]+/locations/[^/]+/)?publishers/[^/]+/models/(${model}):${name}$`);
}

function generate(request: ApiRequest, traffic?: object): Answer {
  const generation = decideGeneration(request);
  const facts = factsOf(request, generation, traffic);
  return { ...facts, body: contentBody(request, generation, facts.usage) };
}

function stream(request: ApiRequest, traffic?: object): Answer {
  if (request.query.get('alt') !== 'sse')
    throw new Refusal(400, { message: 'The fake provider streams with alt=sse only' });
  const generation = decideGeneration(request);
  const facts = factsOf(request, generation, traffic);
  return { ...facts, frames: contentFrames(request, generation, facts.usage) };
}

function factsOf({ plan }: ApiRequest, { id, consumed, tier, image }: Generation, traffic?: object): Answer {
  return {
    responseId: id,
    consumed,
    serviceTier: tier,
    usage: distort({ ...usageMetadata(consumed, image ? 'IMAGE' : 'TEXT'), ...traffic }, plan.fault),
    headers: traffic ? {} : { 'x-gemini-service-tier': tier },
  };
}
