/** How Cohere speaks: errors with an id and a message. */
import type { Refusal, RefusalContext, Wire } from '../core/exchange.ts';
import { text } from '../core/json.ts';
import { identifier } from '../core/random.ts';
import { endFrame } from './chat.ts';
import { routes } from './routes.ts';

/** Message by HTTP status. `{model}` is replaced. */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'invalid request: all elements in history must have a message.',
  401: 'invalid api token',
  404: "model '{model}' not found, make sure the correct model ID was used and that you have access to the model.",
  429: 'You are past the per minute request limit, please wait and try again later.',
  500: 'internal server error',
  503: 'service unavailable',
};

export const cohere: Wire = {
  name: 'cohere',
  basePath: '',
  routes,
  modelIn: (_, body) => text(body.model),
  requestIdHeader: 'x-debug-trace-id',
  requestId: (random) => identifier(random, '', 32, 'hex'),
  headers: () => ({ 'x-api-warning': 'none' }),
  errorBody: ({ status, message }: Refusal, { model, requestId }: RefusalContext) => ({
    id: requestId,
    message: message || (ERRORS[status] ?? `status ${status}`).replace('{model}', model),
  }),
  errorFrame: () => endFrame('ERROR', undefined, 'internal server error'),
};
