/** The transparency scenarios of `@aws-sdk/client-bedrock-runtime`. */
import { done } from './harness/expected.ts';
import { prove } from './harness/proof.ts';
import { abortedCalls, PRICED, plainCalls } from './plain-calls.ts';

prove({
  family: 'bedrock',
  skipped: {},
  askForUsage: [],
  retriesUnsaid: ['create retried', 'other: other command'],
  calls: {
    ...plainCalls(PRICED),
    ...abortedCalls(PRICED),
    'create retried': [done()],
    'other: invoke': [done()],
    'other: invoke stream': [done()],
    'other: callback': [done()],
    'other: other command': [],
  },
  fatal: 'create 401 fired and forgotten',
});
