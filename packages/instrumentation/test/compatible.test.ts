/** The transparency scenarios of the SDKs that were generated like OpenAI's own: `groq-sdk` and `together-ai`. */
import { chatCalls } from './chat-calls.ts';
import { done, type ExpectedCalls, failed } from './harness/expected.ts';
import { prove } from './harness/proof.ts';

/** Their streams carry their usage unasked, and their requests are left as they are. */
const unasked: ExpectedCalls = {
  'chat stream include_usage false': [done()],
  'chat stream from a host that refuses stream_options': [done(), done()],
};

const calls: ExpectedCalls = { ...chatCalls, ...unasked };

const NO_PARSERS = ['chat parse zod', 'chat parse of a text that does not fit', 'chat runTools'];

const ABSENT_AT_GROQ = [
  ...NO_PARSERS,
  'completions create',
  'chat stream helper',
  'chat stream helper, iterated',
  'completions stream',
  'chat stream helper, aborted',
];

prove({
  family: 'groq',
  skipped: { 'groq-0': ABSENT_AT_GROQ, 'groq-1': ABSENT_AT_GROQ },
  askForUsage: [],
  calls,
  fatal: 'chat 401 fired and forgotten',
});

prove({
  family: 'together',
  skipped: { 'together-0': NO_PARSERS },
  askForUsage: [],
  // Its SDK retries 502 to 504, and not 500.
  calls: { ...calls, 'chat 500 retried': [failed()] },
  fatal: 'chat 401 fired and forgotten',
});
