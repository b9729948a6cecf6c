/** Answers of @google/generative-ai -> facts. They are the provider's own bodies. */
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { readContent } from '../google-genai/response.ts';
import { contentReader } from '../google-genai/stream.ts';
import type { Result } from './types.ts';

export function readResult(value: unknown, endpoint: Endpoint): ResponseFacts {
  return readContent((value as Result).response, endpoint);
}

/** The chunks of a stream, as the SDK puts them together. */
export function readTogether(body: unknown, endpoint: Endpoint): ResponseFacts {
  const reader = contentReader(endpoint);
  reader.read(body);
  return reader.facts();
}
