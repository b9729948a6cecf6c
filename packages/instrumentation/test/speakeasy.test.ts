/** The transparency scenarios of `@mistralai/mistralai` and `@openrouter/sdk`. */
import { done, type ExpectedCalls, failed } from './harness/expected.ts';
import { prove } from './harness/proof.ts';
import { abortedCalls, CHARGED, PRICED, plainCalls, readerCalls, type Statuses } from './plain-calls.ts';

const callsOf = (statuses: Statuses): ExpectedCalls => ({
  ...plainCalls(statuses),
  ...abortedCalls(statuses),
  ...readerCalls(statuses),
  'create retried': [done()],
});

prove({
  family: 'mistral',
  skipped: {},
  askForUsage: [],
  retriesUnsaid: ['create retried'],
  calls: {
    ...callsOf(PRICED),
    'other: fim': [done('text_completion')],
    'other: embeddings': [done('embeddings')],
    // The SDK refuses an answer without usage.
    'create with no usage in the answer': [failed()],
  },
  fatal: 'create 401 fired and forgotten',
});

prove({
  family: 'openrouter',
  skipped: {},
  askForUsage: [],
  retriesUnsaid: ['create retried'],
  calls: { ...callsOf(CHARGED), 'other: embeddings': ['completed embeddings unpriced provider'] },
  fatal: 'create 401 fired and forgotten',
});
