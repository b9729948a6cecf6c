/**
 * What the providers' folders tell the call about a request and its answer. The call itself knows no provider; a provider
 * knows no span, no metric and no life cycle.
 */
import type { SpanAttributes } from '@tokenmeter/ledger';
import type { PriceContext, UsageReport } from '@tokenmeter/pricing';
import type { ContentReader } from '../content/messages.ts';

/** Where a request goes. */
export interface Endpoint {
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  readonly address?: string;
  readonly port?: number;
}

export interface RequestFacts {
  /** `gen_ai.operation.name`. */
  readonly operation: string;
  readonly model?: string;
  readonly stream: boolean;
  readonly maxOutputTokens?: number;
  /** Request attributes of the conventions. */
  readonly attributes: SpanAttributes;
  /** What the request says about its price; the response's word wins. */
  readonly context?: PriceContext;
}

/**
 * An answer that is finished later than the request that asked for it, and can be read again by its id: of a background
 * response, a batch, a line of a batch's results.
 */
export interface Later {
  readonly id: string;
  readonly state: 'running' | 'ended' | 'canceled';
  /** Unix milliseconds, where the answer says them. */
  readonly startedAt?: number;
  readonly endedAt?: number;
}

export interface ResponseFacts {
  readonly later?: Later;
  readonly model?: string;
  readonly id?: string;
  readonly finishReasons?: readonly string[];
  /** Absent where the answer carried no usage. */
  readonly report?: UsageReport;
  /** The report is not the provider's last word: the stream broke off before it. */
  readonly partial?: boolean;
  /** Response attributes of the conventions. */
  readonly attributes?: SpanAttributes;
  /** `error.type` of an answer that says itself that it failed. */
  readonly error?: string;
  /** Characters of output that arrived, for an estimate where there is no usage. */
  readonly outputCharacters: number;
}

/** Reads a stream's events as they pass, and keeps numbers and ids only: it lives as long as the stream. */
export interface StreamReader {
  read(event: unknown): void;
  facts(): ResponseFacts;
}

/** One method of an SDK that makes calls: all that is specific to it. Every function is pure and may throw. */
export interface Method {
  /** For messages and `doctor`, e.g. `chat.completions.create`. */
  readonly name: string;
  request(params: unknown): RequestFacts;
  /** `params`: of the request, for what an answer leaves unsaid. */
  response(body: unknown, endpoint: Endpoint, params: unknown): ResponseFacts;
  stream(endpoint: Endpoint): StreamReader;
  /** Characters of the prompt, for an estimate where the provider sends no usage. Absent: text says nothing of the usage. */
  inputCharacters?(params: unknown): number;
  /** Whether the app aborted the request, for an SDK whose errors don't say so: a time-out, say, looks like an abort. */
  aborted?(params: unknown): boolean;
  /** How to read what is said in a call, for whoever opted in. Absent: its content is never captured. */
  readonly content?: ContentReader;
  /** For streams that report their usage only when asked. */
  readonly askForUsage?: {
    /** Whether the app left it open. */
    isOpen(params: unknown, endpoint: Endpoint): boolean;
    /** The request body with the question; undefined: it is there already. */
    ask(body: string): string | undefined;
    /** Makes an event what it would be without the question; true: without it there would be no such event. */
    restore(event: unknown): boolean;
    /** The request body without the question, for a host that refused it; undefined if this was not the reason. */
    undo(body: string, refusal: string): string | undefined;
  };
}
