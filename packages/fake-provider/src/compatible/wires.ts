/**
 * Hosts that speak OpenAI's chat API with words of their own: how they state usage, and that their streams state it
 * unasked. Each has a path of its own here, as the shared addresses are OpenAI's.
 */
import { type Consumption, NOTHING } from '../core/consumption.ts';
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
  /** The totals come in a chunk of their own, after the last choice has ended. */
  readonly totalsApart?: true;
  /** What the host leaves out of a chunk where OpenAI says `null`. */
  readonly absent?: readonly string[];
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

export const mistral: Wire = compatible({
  name: 'mistral',
  prefix: '/mistral/v1',
  basePath: '/mistral',
  usage: ({ input, output, cacheRead }) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
  }),
  lastChunk: (usage) => ({ usage }),
});

/** Dollars for a token, so that tests can compute what a call was charged. */
const OPENROUTER_RATES = { input: 1e-6, output: 2e-6 };

export const openrouter: Wire = compatible({
  name: 'openrouter',
  prefix: '/openrouter/api/v1',
  basePath: '/openrouter/api/v1',
  usage: ({ input, output, cacheRead, cacheWrite, reasoning }) => {
    const [prompt, completion] = [input * OPENROUTER_RATES.input, output * OPENROUTER_RATES.output];
    return {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      cost: prompt + completion,
      is_byok: false,
      cost_details: {
        upstream_inference_cost: null,
        upstream_inference_prompt_cost: prompt,
        upstream_inference_completions_cost: completion,
      },
      prompt_tokens_details: {
        cached_tokens: cacheRead,
        cache_write_tokens: cacheWrite,
        audio_tokens: 0,
        video_tokens: 0,
      },
      completion_tokens_details: { reasoning_tokens: reasoning, image_tokens: 0 },
    };
  },
  lastChunk: (usage) => ({ usage }),
  totalsApart: true,
  absent: ['system_fingerprint'],
});

function requestOf(id: string): string {
  return id.replace('chatcmpl-', 'req_');
}

function compatible(dialect: Dialect): Wire {
  return { ...openai, name: dialect.name, basePath: dialect.basePath, routes: routesOf(dialect) };
}

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
