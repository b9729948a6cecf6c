/** How Gemini speaks: headers and errors. */
import type { Refusal, RefusalContext, Wire } from '../core/exchange.ts';
import { text } from '../core/json.ts';
import { between, identifier, type Random } from '../core/random.ts';
import { dataFrame } from '../core/sse.ts';
import { routes } from './routes.ts';

/** Status word and message by HTTP status. `{model}` is replaced. */
const ERRORS: Readonly<Record<number, readonly [word: string, message: string]>> = {
  400: ['INVALID_ARGUMENT', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'],
  401: ['UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
  403: ['PERMISSION_DENIED', 'The caller does not have permission'],
  404: ['NOT_FOUND', 'models/{model} is not found for this API version, or is not supported for generateContent.'],
  429: ['RESOURCE_EXHAUSTED', 'You exceeded your current quota. Please retry in 1s.'],
  500: ['INTERNAL', 'An internal error has occurred. Please retry.'],
  503: ['UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  504: ['DEADLINE_EXCEEDED', 'The request timed out. Please try again.'],
};

export const gemini: Wire = {
  name: 'gemini',
  basePath: '',
  routes,
  modelIn: ([named], body) => text(body.model) ?? text(body.agent) ?? (named?.startsWith('v1_') ? undefined : named),
  requestIdHeader: 'x-goog-request-id',
  requestId: (random) => identifier(random, '', 16, 'hex'),
  headers,
  errorBody,
  errorFrame: () => dataFrame(errorOf(503, '', '')),
};

function headers(random: Random): Readonly<Record<string, string>> {
  return {
    vary: 'Origin, X-Origin, Referer',
    server: 'scaffolding on HTTPServer2',
    'server-timing': `gfet4t7; dur=${between(random, 80, 2400)}`,
  };
}

function errorBody({ status, message }: Refusal, { model }: RefusalContext): unknown {
  return errorOf(status, message, model);
}

function errorOf(code: number, told: string, model: string): object {
  const [status, usual] = ERRORS[code] ?? (code < 500 ? ERRORS[400] : ERRORS[500]) ?? ['INTERNAL', ''];
  return { error: { code, message: told === '' ? usual.replace('{model}', model) : told, status } };
}
