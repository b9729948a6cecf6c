/**
 * The vocabulary of the server.
 *
 * A *wire* is a provider's way to speak: its routes, headers and error bodies. A *route* turns an {@link ApiRequest}
 * into an {@link Answer}, purely; the transport then sends the answer, with the faults of the request's plan. An *attempt*
 * is one HTTP request; a *call* is an attempt with its retries.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Consumption } from './consumption.ts';
import type { Json } from './json.ts';
import type { ReadyPlan } from './plan.ts';
import type { Random } from './random.ts';
import type { AnswerStore } from './store.ts';

export type ProviderName =
  | 'openai'
  | 'anthropic'
  | 'vertex'
  | 'gemini'
  | 'groq'
  | 'together'
  | 'ollama'
  | 'mistral'
  | 'openrouter'
  | 'cohere'
  | 'bedrock'
  | 'xai'
  | 'perplexity';

export type Operation =
  | 'chat'
  | 'responses'
  | 'responses.retrieve'
  | 'batches.retrieve'
  | 'batches.results'
  | 'completions'
  | 'embeddings'
  | 'moderations'
  | 'images'
  | 'speech'
  | 'videos'
  | 'decisions'
  | 'transcriptions'
  | 'realtime'
  | 'messages'
  | 'sessions'
  | 'sessions.events'
  | 'count_tokens'
  | 'generate_content'
  | 'embed_content'
  | 'generate_images'
  | 'interactions'
  | 'interactions.retrieve'
  | 'converse'
  | 'invoke_model'
  | 'ocr'
  | 'rerank';

/** A request as a route sees it. */
export interface ApiRequest {
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Json;
  /** The captures of the route's pattern, decoded. */
  readonly params: readonly string[];
  readonly plan: ReadyPlan;
  /** Numbers that depend on the seed and the request alone. */
  readonly random: Random;
  /** Makes an id that no other answer of this server has. */
  id(prefix: string, length: number, alphabet?: 'base62' | 'hex'): string;
  /** Unix seconds. */
  readonly now: number;
  /** The model that the answer is to name. */
  readonly model: string;
  /** What earlier answers left to be retrieved, by id. */
  readonly stored: AnswerStore;
}

/** An event of a stream as it goes over the wire. */
export type Frame = string | Uint8Array;

/** What a route answers. With `frames` it is a stream, of server-sent events unless `headers` say else; else a JSON body. */
export interface Answer {
  readonly responseId?: string;
  readonly serviceTier?: string;
  /** What the provider would bill, whatever the body says. */
  readonly consumed: Consumption;
  /** The provider's own usage object as the answer carries it; undefined when it carries none. */
  readonly usage?: unknown;
  readonly body?: unknown;
  /** A body that is no JSON; it stands instead of `body`. */
  readonly raw?: { readonly type: string; readonly data: Buffer };
  /** The events of the stream, each as it goes over the wire. */
  readonly frames?: readonly Frame[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** One address of a provider's API. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Matched against the path without its query. */
  readonly pattern: RegExp;
  readonly operation: Operation;
  /** Costs nothing, whatever it answers. */
  readonly free?: true;
  answer(request: ApiRequest): Answer;
}

/** What a provider answers over a WebSocket: events, each a message. */
export interface SocketAnswer extends Pick<Answer, 'responseId' | 'serviceTier' | 'consumed' | 'usage'> {
  readonly events: readonly Json[];
}

/** One address of a provider's API that speaks over a WebSocket. `session` is what the route remembers of a connection. */
export interface SocketRoute {
  readonly pattern: RegExp;
  readonly operation: Operation;
  /** A connection is made: what it begins with, and what the server says first. */
  open(query: URLSearchParams): { readonly session: Json; readonly events: readonly Json[] };
  /** A message of the client: what is remembered from then on, what is said to it for nothing, and what it asks for. */
  take(
    message: Json,
    session: Json,
  ): { readonly session?: Json; readonly events?: readonly Json[]; readonly asked?: Json };
  /** The body of the request is what was asked. */
  answer(request: ApiRequest): SocketAnswer;
  errorEvent(refusal: Refusal | undefined, asked: Json): Json;
}

/** An error as providers tell it: routes throw it, faults ask for it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(status: number, options: { message?: string; code?: string; retryAfter?: number } = {}) {
    super(options.message ?? '');
    this.status = status;
    this.code = options.code;
    this.retryAfter = options.retryAfter;
  }
}

/** What an error body mentions. */
export interface RefusalContext {
  readonly model: string;
  readonly requestId: string;
}

/** A provider's way to speak. */
export interface Wire {
  readonly name: ProviderName;
  /** What an SDK's base URL has after the origin, e.g. `/v1`. */
  readonly basePath: string;
  readonly routes: readonly Route[];
  readonly sockets?: readonly SocketRoute[];
  /** The model that a request asks for, from the captures of its route or its body. */
  modelIn(params: readonly string[], body: Json): string | undefined;
  /** The header that carries the request id, and how such an id begins. */
  readonly requestIdHeader: string;
  requestId(random: Random): string;
  /** Headers of every answer. */
  headers(random: Random, now: number, refusal: Refusal | undefined): Readonly<Record<string, string>>;
  errorBody(refusal: Refusal, context: RefusalContext): unknown;
  /** An error inside a stream, after `sent` events. */
  errorFrame(operation: Operation, sent: number, context: RefusalContext): Frame;
}
