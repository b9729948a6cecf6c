/** How Ollama speaks: lines of JSON for streams, and errors without a code. */
import type { Refusal, RefusalContext, Wire } from '../core/exchange.ts';
import { text } from '../core/json.ts';
import { identifier } from '../core/random.ts';
import { jsonLine, routes } from './routes.ts';

/** Message by HTTP status. `{model}` is replaced. */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'missing request body',
  401: 'unauthorized',
  404: 'model "{model}" not found, try pulling it first',
  500: 'an error was encountered while running the model: unexpected EOF',
  503: 'server busy, please try again. maximum pending requests exceeded',
};

export const ollama: Wire = {
  name: 'ollama',
  basePath: '',
  routes,
  modelIn: (_, body) => text(body.model),
  requestIdHeader: 'x-request-id',
  requestId: (random) => identifier(random, '', 16, 'hex'),
  headers: () => ({}),
  errorBody: ({ status, message }: Refusal, { model }: RefusalContext) => ({
    error: message || (ERRORS[status] ?? `status ${status}`).replace('{model}', model),
  }),
  errorFrame: () => jsonLine({ error: ERRORS[500] }),
};
