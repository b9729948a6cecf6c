/** The scenarios of @google/genai, by what they are about. */
import { scenarios as contents } from './contents.mjs';
import { scenarios as errors } from './errors.mjs';
import { scenarios as interactions } from './interactions.mjs';
import { scenarios as stream } from './stream.mjs';

export const scenarios = [...contents, ...stream, ...errors, ...interactions];
