import { scenarios as chat } from './chat.mjs';
import { scenarios as errors } from './errors.mjs';
import { scenarios as media } from './media.mjs';
import { scenarios as responses } from './responses.mjs';
import { scenarios as stream } from './stream.mjs';
import { scenarios as ends } from './stream-ends.mjs';

export { useModels } from './params.mjs';

/** What the SDKs of compatible providers have too. */
export const shared = [...chat, ...stream, ...ends, ...errors];

export const scenarios = [...shared, ...responses, ...media];
