/** The addresses of Cohere's API: chat, embed and rerank of version 2, chat of version 1. */
import { type Consumption, NOTHING, tokensOf } from '../core/consumption.ts';
import { type Answer, type ApiRequest, Refusal, type Route } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { list } from '../core/json.ts';
import { pieces, usualPieces } from '../core/prose.ts';
import { namedFrame } from '../core/sse.ts';
import { decideChat } from '../openai/chat.ts';

export const routes: readonly Route[] = [
  { method: 'POST', pattern: /^\/v2\/chat$/, operation: 'chat', answer: chat },
  { method: 'POST', pattern: /^\/v1\/chat$/, operation: 'chat', answer: chatOfVersion1 },
  { method: 'POST', pattern: /^\/v2\/embed$/, operation: 'embeddings', answer: embed },
  { method: 'POST', pattern: /^\/v2\/rerank$/, operation: 'rerank', answer: rerank },
];

/** Tokens of the template that Cohere puts around a prompt, counted and not billed. */
const TEMPLATE_TOKENS = 66;

function usageOf({ input, output, cacheRead }: Consumption): object {
  return {
    billed_units: { input_tokens: input, output_tokens: output },
    tokens: { input_tokens: input + TEMPLATE_TOKENS, output_tokens: output },
    cached_tokens: cacheRead,
  };
}

/** The event that ends a stream, well or badly. */
export function endFrame(reason: string, usage: unknown, error?: string): string {
  return namedFrame({ type: 'message-end', delta: { finish_reason: reason, usage, error } });
}

function chat(request: ApiRequest): Answer {
  const decided = decideChat(request);
  const [choice] = decided.choices;
  const words = choice?.text ?? '';
  const reason = choice?.finish === 'length' ? 'MAX_TOKENS' : 'COMPLETE';
  const usage = distort(usageOf(decided.consumed), request.plan.fault);
  const id = request.id('', 8, 'hex');
  const answer = { responseId: id, consumed: decided.consumed, usage };
  const message = { role: 'assistant', content: [{ type: 'text', text: words }] };
  if (request.body.stream !== true) return { ...answer, body: { id, finish_reason: reason, message, usage } };
  const parts = pieces(words, request.plan.chunks ?? usualPieces(words));
  const frames = [
    namedFrame({ type: 'message-start', id, delta: { message: { role: 'assistant', content: [], tool_calls: [] } } }),
    namedFrame({ type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
    ...parts.map((text) => namedFrame({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } })),
    namedFrame({ type: 'content-end', index: 0 }),
    endFrame(reason, usage),
  ];
  return { ...answer, frames };
}

/** Its streams are lines of JSON. */
function chatOfVersion1(request: ApiRequest): Answer {
  const messages = [{ role: 'user', content: request.body.message }];
  const decided = decideChat({ ...request, body: { ...request.body, messages } });
  const words = decided.choices[0]?.text ?? '';
  const meta = distort(usageOf(decided.consumed), request.plan.fault);
  const id = request.id('', 8, 'hex');
  const answer = { responseId: id, consumed: decided.consumed, usage: meta };
  const body = { response_id: id, generation_id: id, text: words, finish_reason: 'COMPLETE', meta };
  if (request.body.stream !== true) return { ...answer, body };
  const events = [
    { event_type: 'stream-start', generation_id: id },
    ...pieces(words, request.plan.chunks ?? usualPieces(words)).map((text) => ({
      event_type: 'text-generation',
      text,
    })),
    { event_type: 'stream-end', finish_reason: 'COMPLETE', response: body },
  ];
  const frames = events.map((event) => `${JSON.stringify({ is_finished: 'response' in event, ...event })}\n`);
  return { ...answer, frames, headers: { 'content-type': 'application/stream+json' } };
}

const VERSION = { api_version: { version: '2' } };

function embed({ body, plan, random, id }: ApiRequest): Answer {
  const texts = list(body.texts);
  const consumed = { ...NOTHING, input: tokensOf(texts), ...plan.usage };
  const usage = distort({ billed_units: { input_tokens: consumed.input } }, plan.fault);
  const float = texts.map(() => Array.from({ length: 4 }, () => random() - 0.5));
  const responseId = id('', 8, 'hex');
  const meta = { ...VERSION, ...(usage as object | undefined) };
  return { responseId, consumed, usage, body: { id: responseId, embeddings: { float }, texts, meta } };
}

/** A query with up to 100 documents is one search unit. */
function rerank({ body, plan, random, id }: ApiRequest): Answer {
  const documents = list(body.documents);
  if (documents.length === 0)
    throw new Refusal(400, { message: 'invalid request: list of documents must not be empty' });
  const usage = distort({ billed_units: { search_units: Math.ceil(documents.length / 100) } }, plan.fault);
  const results = documents.map((_, index) => ({ index, relevance_score: random() }));
  const responseId = id('', 8, 'hex');
  return {
    responseId,
    consumed: NOTHING,
    usage,
    body: { id: responseId, results, meta: { ...VERSION, ...(usage as object) } },
  };
}
