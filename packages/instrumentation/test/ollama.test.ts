/** The transparency scenarios of `ollama`. */
import { prove } from './harness/proof.ts';
import { abortedCalls, FREE, plainCalls } from './plain-calls.ts';

prove({
  family: 'ollama',
  skipped: {},
  askForUsage: [],
  calls: {
    ...plainCalls(FREE),
    'stream aborted': abortedCalls(FREE)['stream aborted'] ?? [],
    'other: generate': ['completed text_completion free provider'],
    'other: embed': ['completed embeddings free provider'],
  },
  fatal: 'create 401 fired and forgotten',
});
