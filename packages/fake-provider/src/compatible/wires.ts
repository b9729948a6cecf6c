/**
 * Hosts that speak OpenAI's chat API with words of their own: how they state usage, and that their streams state it
 * unasked. Each has a path of its own here, as the shared addresses are OpenAI's.
 */
import type { Consumption } from '../core/consumption.ts';
import type { Answer, ApiRequest, Operation, ProviderName, Route, Wire } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { dataFrame } from '../core/sse.ts';
import { chatBody, completionBody, decideCompletion, embeddings } from '../openai/bodies.ts';
import { type Chat, decideChat } from '../openai/chat.ts';
import { chatChunks, completionFrames, DONE } from '../openai/stream.ts';
import { openai } from '../openai/wire.ts';

/** What a host does its own way. */
interface Dialect {
  readonly name: ProviderName;
  /** Before the addresses of the API. */
  readonly prefix: string;
  /** What the SDK's base URL has of the prefix. */
  readonly basePath: string;
  usage(consumed: Consumption): object;
  /** The fields that the last chunk of a chat stream has beside its end. */
  lastChunk(usage: unknown, chat: Chat): object;
  /** The fields that a chat body has beside OpenAI's. */
  body?(chat: Chat): object;
}

export const groq: Wire = compatible({
  name: 'groq',
  prefix: '/groq/openai/v1',
  basePath: '/groq',
  usage: ({ input, output, cacheRead, reasoning }) => ({
    queue_time: 0.140973397,
    prompt_tokens: input,
    prompt_time: 0.002448683,
    completion_tokens: output,
    completion_time: 0.010003462,
    total_tokens: input + output,
    total_time: 0.012452145,
    prompt_tokens_details: { cached_tokens: cacheRead },
    completion_tokens_details: { reasoning_tokens: reasoning },
  }),
  lastChunk: (usage, { id }) => ({ x_groq: { id: requestOf(id), usage } }),
  body: ({ id }) => ({ usage_breakdown: null, x_groq: { id: requestOf(id) } }),
});

export const together: Wire = compatible({
  name: 'together',
  prefix: '/together/v1',
  basePath: '/together/v1',
  usage: ({ input, output }) => ({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output }),
  lastChunk: (usage) => ({ usage }),
});

function requestOf(id: string): string {
  return id.replace('chatcmpl-', 'req_');
}

function compatible(dialect: Dialect): Wire {
  return { ...openai, name: dialect.name, basePath: dialect.basePath, routes: routesOf(dialect) };
}

function routesOf(dialect: Dialect): readonly Route[] {
  const route = (path: string, operation: Operation, answer: Route['answer']): Route => ({
    method: 'POST',
    pattern: new RegExp(`^${dialect.prefix}${path}$`),
    operation,
    answer,
  });
  return [
    route('/chat/completions', 'chat', (request) => chat(request, dialect)),
    route('/completions', 'completions', completion),
    route('/embeddings', 'embeddings', embeddings),
  ];
}

function chat(request: ApiRequest, dialect: Dialect): Answer {
  const decided = decideChat(request);
  const usage = distort(dialect.usage(decided.consumed), request.plan.fault);
  const spoken = { ...decided, usage };
  const { id: responseId, consumed, tier: serviceTier } = decided;
  const answer = { responseId, consumed, serviceTier, usage };
  if (request.body.stream !== true)
    return { ...answer, body: { ...chatBody(request, spoken), ...dialect.body?.(spoken) } };
  const chunks = chatChunks(request, spoken);
  const frames = chunks.map((chunk, index) =>
    dataFrame(index === chunks.length - 1 ? { ...chunk, ...dialect.lastChunk(usage, spoken) } : chunk),
  );
  return { ...answer, frames: [...frames, DONE] };
}

function completion(request: ApiRequest): Answer {
  const asking = { ...request, body: { ...request.body, stream_options: { include_usage: true } } };
  const decided = decideCompletion(asking);
  if (request.body.stream !== true) return { ...decided.answer, body: completionBody(request, decided) };
  return { ...decided.answer, frames: completionFrames(asking, decided) };
}
