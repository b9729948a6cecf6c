/** How OpenAI speaks: headers and errors. */
import type { Operation, Refusal, RefusalContext, Wire } from '../core/exchange.ts';
import { text } from '../core/json.ts';
import { between, identifier, type Random } from '../core/random.ts';
import { dataFrame, namedFrame } from '../core/sse.ts';
import { routes, sockets } from './routes.ts';

interface ErrorRow {
  readonly type: string;
  readonly code: string | null;
  readonly param?: string;
  readonly message: string;
}

/** By status, or by status and code. `{model}` is replaced. */
const ERRORS: Readonly<Record<string, ErrorRow>> = {
  '400': {
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    param: 'messages',
    message: "This model's maximum context length is 128000 tokens. However, your messages resulted in 140213 tokens.",
  },
  '401': {
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message: 'Incorrect API key provided: sk-fake.',
  },
  '403': {
    type: 'invalid_request_error',
    code: 'unsupported_country_region_territory',
    message: 'Country, region, or territory not supported',
  },
  '404': {
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: 'The model `{model}` does not exist or you do not have access to it.',
  },
  '429': {
    type: 'tokens',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached for {model} on tokens per min (TPM).',
  },
  '429 insufficient_quota': {
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    message: 'You exceeded your current quota, please check your plan and billing details.',
  },
  '500': {
    type: 'server_error',
    code: null,
    message: 'The server had an error while processing your request. Sorry about that!',
  },
  '503': { type: 'server_error', code: null, message: 'The engine is currently overloaded, please try again later.' },
};

export const openai: Wire = {
  name: 'openai',
  basePath: '/v1',
  routes,
  sockets,
  modelIn: (_, body) => text(body.model),
  requestIdHeader: 'x-request-id',
  requestId: (random) => identifier(random, 'req_', 32, 'hex'),
  headers: rateLimits,
  errorBody,
  errorFrame,
};

function rateLimits(random: Random): Readonly<Record<string, string>> {
  return {
    'openai-processing-ms': String(between(random, 80, 2400)),
    'openai-organization': 'org-fake',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-limit-tokens': '2000000',
    'x-ratelimit-remaining-requests': String(between(random, 9000, 9999)),
    'x-ratelimit-remaining-tokens': String(between(random, 1_500_000, 1_999_000)),
    'x-ratelimit-reset-requests': '6ms',
    'x-ratelimit-reset-tokens': `${between(random, 1, 900)}ms`,
  };
}

function errorBody(refusal: Refusal, { model }: RefusalContext): unknown {
  const { status, code, message } = refusal;
  if (message !== '') return { error: { message, type: 'invalid_request_error', param: null, code: code ?? null } };
  const fallback = status < 500 ? ERRORS['400'] : ERRORS['500'];
  const row = ERRORS[`${status} ${code}`] ?? ERRORS[status] ?? fallback;
  return { error: { param: null, ...row, code: code ?? row?.code, message: row?.message.replace('{model}', model) } };
}

function errorFrame(operation: Operation, sent: number): string {
  const message = 'The server had an error while processing your request. Sorry about that!';
  if (!operation.startsWith('responses'))
    return dataFrame({ error: { message, type: 'server_error', param: null, code: null } });
  return namedFrame({ type: 'error', sequence_number: sent, code: 'server_error', message, param: null });
}
