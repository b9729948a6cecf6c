/** The addresses of Cohere's API: chat, embed and rerank of version 2, chat of version 1. */
import { NOTHING, tokensOf } from '../core/consumption.ts';
import { type Answer, type ApiRequest, Refusal, type Route } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { list } from '../core/json.ts';
import { chat, chatOfVersion1 } from './chat.ts';

export const routes: readonly Route[] = [
  { method: 'POST', pattern: /^\/v2\/chat$/, operation: 'chat', answer: chat },
  { method: 'POST', pattern: /^\/v1\/chat$/, operation: 'chat', answer: chatOfVersion1 },
  { method: 'POST', pattern: /^\/v2\/embed$/, operation: 'embeddings', answer: embed },
  { method: 'POST', pattern: /^\/v2\/rerank$/, operation: 'rerank', answer: rerank },
];

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
