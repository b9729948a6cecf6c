/** How Anthropic speaks: headers and errors. */
import type { Operation, Refusal, RefusalContext, Wire } from '../core/exchange.ts';
import { text } from '../core/json.ts';
import { between, identifier, type Random } from '../core/random.ts';
import { namedFrame } from '../core/sse.ts';
import { routes } from './routes.ts';

/** Type and message by status. `{model}` is replaced. */
const ERRORS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'],
  401: ['authentication_error', 'invalid x-api-key'],
  402: ['billing_error', 'Your credit balance is too low to access the Anthropic API.'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'model: {model}'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: ['rate_limit_error', 'This request would exceed your organization’s rate limit of input tokens per minute.'],
  500: ['api_error', 'Internal server error'],
  529: ['overloaded_error', 'Overloaded'],
};

export const anthropic: Wire = {
  name: 'anthropic',
  basePath: '',
  routes,
  modelIn: (_, body) => text(body.model),
  requestIdHeader: 'request-id',
  requestId: (random) => identifier(random, 'req_011C', 20, 'base62'),
  headers,
  errorBody,
  errorFrame,
};

function headers(random: Random, now: number, refusal: Refusal | undefined): Readonly<Record<string, string>> {
  const reset = new Date((now + 60) * 1000).toISOString().replace('.000', '');
  const limits = Object.entries({ requests: 4000, 'input-tokens': 400_000, 'output-tokens': 80_000, tokens: 480_000 });
  const rateLimits = limits.flatMap(([kind, limit]) => [
    [`anthropic-ratelimit-${kind}-limit`, String(limit)],
    [`anthropic-ratelimit-${kind}-remaining`, String(between(random, limit / 2, limit - 1))],
    [`anthropic-ratelimit-${kind}-reset`, reset],
  ]);
  const retry = refusal && { 'x-should-retry': String(refusal.status === 429 || refusal.status >= 500) };
  return { 'anthropic-organization-id': 'org-fake', ...Object.fromEntries(rateLimits), ...retry };
}

function errorBody({ status, message }: Refusal, { model, requestId }: RefusalContext): unknown {
  const [type, usual] = ERRORS[status] ?? (status < 500 ? ERRORS[400] : ERRORS[500]) ?? ['api_error', ''];
  const told = message === '' ? usual.replace('{model}', model) : message;
  return { type: 'error', error: { type, message: told }, request_id: requestId };
}

function errorFrame(_: Operation, __: number, { requestId }: RefusalContext): string {
  const error = { type: 'overloaded_error', message: 'Overloaded' };
  return namedFrame({ type: 'error', error, request_id: requestId });
}
