/** The transparency scenarios of `@google/generative-ai`. */
import { broken, done, type ExpectedCalls, failed, leftEarly, NONE, refused, times } from './harness/expected.ts';
import { prove } from './harness/proof.ts';

const GENERATE = 'generate_content';

const content = done(GENERATE);
const quiet = refused(GENERATE);
const embedding = done('embeddings');

const calls: ExpectedCalls = {
  content: [content],
  'content: when the request leaves': [content],
  'content promise consumed twice': [content],
  'content stream': [content],
  'content stream, only the whole': [content],
  // The SDK goes on reading.
  'content stream break': [content],
  'content stream AbortController': [/^canceled generate_content /],
  'content stream socket dies, and nobody looks at the whole': [broken(GENERATE)],
  chat: [content, content],
  'chat stream socket dies, and nobody looks at the whole': [broken(GENERATE)],
  embeddings: [embedding, embedding],
  'count tokens': NONE,
  'content 400, by every way to read it': times(4, quiet),
  'generateContent 401 fired and forgotten': [quiet],
  'generateContentStream 401 fired and forgotten': [quiet],
  'sendMessage 401 fired and forgotten': [quiet],
  'sendMessageStream 401 fired and forgotten': [quiet],
  'content aborted before the answer': [leftEarly(GENERATE)],
  'content time-out': [failed(GENERATE)],
  'module surface': NONE,
};

prove({
  family: 'google-generative-ai',
  skipped: {},
  askForUsage: [],
  calls,
  fatal: 'generateContent 401 fired and forgotten',
});
