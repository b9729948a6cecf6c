/** Claude on Vertex AI: Anthropic's bodies, with the model in the path. */
import type { Answer, ApiRequest, Route, Wire } from '../core/exchange.ts';
import { messages } from './routes.ts';
import { anthropic } from './wire.ts';

const path = (method: string): RegExp => new RegExp(`/publishers/anthropic/models/([^/:]+):${method}$`);

const routes: readonly Route[] = [
  { method: 'POST', pattern: path('rawPredict'), operation: 'messages', answer },
  { method: 'POST', pattern: path('streamRawPredict'), operation: 'messages', answer },
];

/** `claude-x@20250929` answers as `claude-x-20250929`. */
function answer(request: ApiRequest): Answer {
  return messages({ ...request, model: request.model.replace('@', '-') });
}

export const vertex: Wire = {
  ...anthropic,
  name: 'vertex',
  basePath: '/v1',
  routes,
  modelIn: ([model]) => model,
};
