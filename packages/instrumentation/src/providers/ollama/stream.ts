/** Lines of an Ollama stream -> state. Only the last line has counts. */
import type { Endpoint, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { bag, lengthOf, text } from '../read.ts';
import { readBody } from './response.ts';
import type { Body } from './types.ts';

export function lineReader(endpoint: Endpoint): StreamReader {
  let facts: ResponseFacts = { outputCharacters: 0 };
  let outputCharacters = 0;
  return {
    read(value) {
      const line = bag(value) as Body | undefined;
      if (!line) return;
      if (line.done === true) facts = readBody(line, endpoint);
      else if (facts.model === undefined) facts = { model: text(line.model), outputCharacters: 0 };
      outputCharacters +=
        lengthOf(line.response) +
        lengthOf(line.thinking) +
        lengthOf(line.message?.content) +
        lengthOf(line.message?.thinking);
    },
    facts: () => ({ ...facts, outputCharacters }),
  };
}
