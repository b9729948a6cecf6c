/** How Amazon Bedrock speaks: the name of an error stands in a header. */
import type { Refusal, RefusalContext, Wire } from '../core/exchange.ts';
import { identifier, type Random } from '../core/random.ts';
import { exceptionMessage } from './event-stream.ts';
import { routes } from './routes.ts';

/** Name and message by HTTP status. `{model}` is replaced. */
const ERRORS: Readonly<Record<number, readonly [name: string, message: string]>> = {
  400: ['ValidationException', 'The provided model identifier is invalid.'],
  401: ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
  403: ['AccessDeniedException', "You don't have access to the model with the specified model ID."],
  404: ['ResourceNotFoundException', 'Could not resolve the foundation model from the model identifier: {model}'],
  408: ['ModelTimeoutException', 'Model processing timeout.'],
  424: ['ModelErrorException', 'The system encountered an unexpected error during processing.'],
  429: ['ThrottlingException', 'Too many requests, please wait before trying again.'],
  500: [
    'InternalServerException',
    'The system encountered an unexpected error during processing. Try your request again.',
  ],
  503: ['ServiceUnavailableException', 'Bedrock is unable to process your request.'],
};

export const bedrock: Wire = {
  name: 'bedrock',
  basePath: '',
  routes,
  modelIn: ([model]) => model,
  requestIdHeader: 'x-amzn-requestid',
  requestId: uuid,
  headers,
  errorBody: ({ status, message }: Refusal, { model }: RefusalContext) => ({
    message: message || errorOf(status)[1].replace('{model}', model),
  }),
  errorFrame: () => exceptionMessage('modelStreamErrorException', ERRORS[424]?.[1] ?? ''),
};

function headers(_random: Random, _now: number, refusal: Refusal | undefined): Readonly<Record<string, string>> {
  return refusal === undefined ? {} : { 'x-amzn-errortype': errorOf(refusal.status)[0] };
}

function errorOf(status: number): readonly [name: string, message: string] {
  return ERRORS[status] ?? (status < 500 ? ERRORS[400] : ERRORS[500]) ?? ['UnknownError', ''];
}

function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((length) => identifier(random, '', length, 'hex')).join('-');
}
