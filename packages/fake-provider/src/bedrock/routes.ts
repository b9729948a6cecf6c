/** The addresses of Bedrock's runtime. The model is the capture. */
import type { Route } from '../core/exchange.ts';
import { converse, converseStream } from './converse.ts';
import { invoke, invokeStream } from './invoke.ts';

const path = (method: string): RegExp => new RegExp(`^/model/([^/]+)/${method}$`);

export const routes: readonly Route[] = [
  { method: 'POST', pattern: path('converse'), operation: 'converse', answer: converse },
  { method: 'POST', pattern: path('converse-stream'), operation: 'converse', answer: converseStream },
  { method: 'POST', pattern: path('invoke'), operation: 'invoke_model', answer: invoke },
  { method: 'POST', pattern: path('invoke-with-response-stream'), operation: 'invoke_model', answer: invokeStream },
];
