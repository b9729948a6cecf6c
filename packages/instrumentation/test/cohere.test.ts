/** The transparency scenarios of `cohere-ai`. */
import { done } from './harness/expected.ts';
import { prove } from './harness/proof.ts';
import { abortedCalls, PRICED, plainCalls } from './plain-calls.ts';

prove({
  family: 'cohere',
  skipped: {},
  askForUsage: [],
  retriesUnsaid: ['create retried'],
  calls: {
    ...plainCalls(PRICED),
    ...abortedCalls(PRICED),
    'create retried': [done()],
    // The SDK hands over what it could not read.
    'create with a body that is no JSON': ['completed chat usage_unknown none'],
    'other: embed': [done('embeddings')],
    'other: raw response': [done()],
  },
  fatal: 'create 401 fired and forgotten',
});
