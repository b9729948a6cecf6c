import { scenarios as chat } from './chat.mjs';
import { scenarios as errors } from './errors.mjs';
import { scenarios as media } from './media.mjs';
import { scenarios as responses } from './responses.mjs';
import { scenarios as stream } from './stream.mjs';
import { scenarios as ends } from './stream-ends.mjs';

export const scenarios = [...chat, ...stream, ...ends, ...errors, ...responses, ...media];
