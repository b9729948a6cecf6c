/** The addresses of Ollama's own API: chat, generate, embed. */
import { NOTHING, tokensOf } from '../core/consumption.ts';
import type { Answer, ApiRequest, Route } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { list, record, text } from '../core/json.ts';
import { pieces, usualPieces } from '../core/prose.ts';
import { type Chat, decideChat } from '../openai/chat.ts';

export const routes: readonly Route[] = [
  { method: 'POST', pattern: /^\/api\/chat$/, operation: 'chat', answer: chat },
  { method: 'POST', pattern: /^\/api\/generate$/, operation: 'completions', answer: generate },
  { method: 'POST', pattern: /^\/api\/embed$/, operation: 'embeddings', answer: embed },
];

/** A line of a stream. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

const LINES = { 'content-type': 'application/x-ndjson' };

function chat(request: ApiRequest): Answer {
  return generated(request, request.body.messages, (content) => ({ message: { role: 'assistant', content } }));
}

function generate(request: ApiRequest): Answer {
  const messages = [{ role: 'user', content: request.body.prompt }];
  return generated(request, messages, (response) => ({ response }));
}

/** The text stands in other fields of the two APIs; a stream is on unless the request says otherwise. */
function generated(request: ApiRequest, messages: unknown, said: (text: string) => object): Answer {
  const limit = record(request.body.options).num_predict;
  const decided = decideChat({ ...request, body: { ...request.body, messages, max_tokens: limit } });
  const [choice] = decided.choices;
  const words = choice?.text ?? '';
  const head = { model: request.model, created_at: new Date(request.now * 1000).toISOString() };
  const usage = distort(counts(decided), request.plan.fault);
  const reason = choice?.finish === 'length' ? 'length' : 'stop';
  const end = (text: string) => ({ ...head, ...said(text), done: true, done_reason: reason, ...record(usage) });
  const answer = { consumed: decided.consumed, usage };
  if (request.body.stream === false) return { ...answer, body: end(words) };
  const parts = pieces(words, request.plan.chunks ?? usualPieces(words));
  const frames = [...parts.map((part) => ({ ...head, ...said(part), done: false })), end('')].map(jsonLine);
  return { ...answer, frames, headers: LINES };
}

/** Durations in nanoseconds. */
function counts({ consumed }: Chat): object {
  return {
    total_duration: 5_191_566_416,
    load_duration: 2_154_458,
    prompt_eval_count: consumed.input,
    prompt_eval_duration: 383_809_000,
    eval_count: consumed.output,
    eval_duration: 4_799_921_000,
  };
}

function embed({ body, model, plan, random }: ApiRequest): Answer {
  const inputs = text(body.input) === undefined ? list(body.input) : [body.input];
  const consumed = { ...NOTHING, input: tokensOf(inputs), ...plan.usage };
  const usage = distort({ prompt_eval_count: consumed.input }, plan.fault);
  const embeddings = inputs.map(() => Array.from({ length: 4 }, () => random() - 0.5));
  return {
    consumed,
    usage,
    body: { model, embeddings, total_duration: 14_143_917, load_duration: 1_019_500, ...record(usage) },
  };
}
