/** The addresses of the OpenAI API. Anything may stand before them: `/v1`, `/openai/v1`, an Azure deployment. */
import type { Answer, ApiRequest, Route, SocketRoute } from '../core/exchange.ts';
import { batch } from './batch.ts';
import { chatBody, completionBody, decideCompletion, embeddings, moderations } from './bodies.ts';
import { decideChat } from './chat.ts';
import { decisions } from './decisions.ts';
import { routes as media } from './media.ts';
import { realtime } from './realtime.ts';
import { routes as responses } from './responses/routes.ts';
import { responsesSocket } from './responses/socket.ts';
import { chatFrames, completionFrames, includesUsage } from './stream.ts';

export const routes: readonly Route[] = [
  { method: 'POST', pattern: /\/chat\/completions$/, operation: 'chat', answer: chat },
  { method: 'POST', pattern: /\/completions$/, operation: 'completions', answer: completion },
  { method: 'POST', pattern: /\/embeddings$/, operation: 'embeddings', answer: embeddings },
  { method: 'POST', pattern: /\/moderations$/, operation: 'moderations', free: true, answer: moderations },
  { method: 'GET', pattern: /(?<!\/messages)\/batches\/([^/]+)$/, operation: 'batches.retrieve', answer: batch },
  { method: 'POST', pattern: /\/decisions$/, operation: 'decisions', answer: decisions },
  ...media,
  ...responses,
];

export const sockets: readonly SocketRoute[] = [realtime, responsesSocket];

function chat(request: ApiRequest): Answer {
  const decided = decideChat(request);
  const { id: responseId, consumed, usage, tier: serviceTier } = decided;
  const answer = { responseId, consumed, serviceTier };
  if (request.body.stream !== true) return { ...answer, usage, body: chatBody(request, decided) };
  return { ...answer, usage: includesUsage(request) ? usage : undefined, frames: chatFrames(request, decided) };
}

function completion(request: ApiRequest): Answer {
  const decided = decideCompletion(request);
  const { answer } = decided;
  if (request.body.stream !== true) return { ...answer, body: completionBody(request, decided) };
  const usage = includesUsage(request) ? answer.usage : undefined;
  return { ...answer, usage, frames: completionFrames(request, decided) };
}
