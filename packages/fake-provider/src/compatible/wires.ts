/**
 * The addresses of hosts that speak OpenAI's API in a {@link Dialect} of theirs. Each has a path of its own here, as the
 * shared addresses are OpenAI's.
 */
import { NOTHING } from '../core/consumption.ts';
import type { Answer, ApiRequest, Operation, Route, Wire } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { dataFrame } from '../core/sse.ts';
import { chatBody, completionBody, decideCompletion, embeddings } from '../openai/bodies.ts';
import { decideChat } from '../openai/chat.ts';
import { chatChunks, completionFrames, DONE } from '../openai/stream.ts';
import { openai } from '../openai/wire.ts';
import { DIALECTS, type Dialect } from './dialects.ts';

export const compatible: readonly Wire[] = DIALECTS.map((dialect) => ({
  ...openai,
  name: dialect.name,
  basePath: dialect.basePath,
  routes: routesOf(dialect),
}));

/** What an agent runs on: its requests name no model. */
const AGENT_MODEL = 'mistral-large-2512';

function routesOf(dialect: Dialect): readonly Route[] {
  const route = (path: string, operation: Operation, answer: Route['answer']): Route => ({
    method: 'POST',
    pattern: new RegExp(`^${dialect.prefix}${path}$`),
    operation,
    answer,
  });
  return [
    route('/chat/completions', 'chat', (request) => chat(request, dialect)),
    route('/agents/completions', 'chat', (request) => chat({ ...request, model: AGENT_MODEL }, dialect)),
    route('/fim/completions', 'completions', (request) => chat(asChat(request), dialect)),
    route('/completions', 'completions', completion),
    route('/embeddings', 'embeddings', (request) => named(embeddings(request), request)),
    route('/ocr', 'ocr', ocr),
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
  const ends = chatChunks(request, spoken).map((chunk) => without(chunk, dialect.absent));
  const chunks = dialect.totalsApart ? [...ends, { ...ends.at(-1), choices: [] }] : ends;
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

function without(chunk: object, absent: readonly string[] = []): object {
  return Object.fromEntries(Object.entries(chunk).filter(([name]) => !absent.includes(name)));
}

/** A text to be completed, for an API that answers as chats do. */
function asChat(request: ApiRequest): ApiRequest {
  const { prompt, ...body } = request.body;
  return { ...request, body: { ...body, messages: [{ role: 'user', content: prompt }] } };
}

/** With an id of its own, as these hosts have it. */
function named(answer: Answer, { id }: ApiRequest): Answer {
  const responseId = id('emb-', 24);
  return { ...answer, responseId, body: { id: responseId, ...(answer.body as object) } };
}

/** `POST /ocr`: three pages, whatever the document. */
function ocr({ model, plan }: ApiRequest): Answer {
  const usage = distort({ pages_processed: 3, doc_size_bytes: 12_345 }, plan.fault);
  const page = { index: 0, markdown: '# Title', images: [], dimensions: null };
  return { consumed: NOTHING, usage, body: { pages: [page], model, usage_info: usage } };
}
