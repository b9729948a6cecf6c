import { scenarios as errors } from './errors.mjs';
import { scenarios as messages } from './messages.mjs';
import { scenarios as stream } from './stream.mjs';

export const scenarios = [...messages, ...stream, ...errors];
