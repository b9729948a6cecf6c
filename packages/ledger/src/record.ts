/**
 * `CallRecord` is the centre of Tokenmeter: what one LLM call was, for whom, what it used and what it cost. It is made
 * once, when the call ends, and everything after that (span attributes, metrics, ledger, budgets, reports) reads it and
 * nothing else.
 */
import type { Cost, Usage } from '@tokenmeter/pricing';
import type { Outcome, UsageSource } from '@tokenmeter/semconv';

/** Who a call is for. Every value is a non-empty string. */
export interface Attribution {
  /** `untagged` when nobody said. */
  readonly feature: string;
  readonly team?: string;
  readonly tenant?: string;
  readonly environment?: string;
  readonly user?: string;
  readonly session?: string;
  readonly route?: string;
  /** Set by `withRequest`. */
  readonly request?: string;
  /** Any other key. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** Attributes of the request and response that the GenAI conventions define and that no one needs by name. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface CallRecord {
  /** 32 and 16 hex digits. They exist without a tracer, too: the call then has ids of its own. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** `gen_ai.operation.name`. */
  readonly operation: string;
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  readonly requestModel?: string;
  readonly responseModel?: string;
  readonly responseId?: string;
  readonly finishReasons?: readonly string[];
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly stream: boolean;
  /** Unix milliseconds, with fractions. */
  readonly startTime: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Milliseconds from the start of the call to the first chunk of a stream. */
  readonly timeToFirstChunk?: number;
  readonly outcome: Outcome;
  /** Class name or HTTP status; exactly on failed calls. */
  readonly errorType?: string;
  /** HTTP attempts, where the SDK lets them be seen. */
  readonly attempts?: number;
  readonly attribution: Attribution;
  /** `file:line`, on untagged calls only. */
  readonly callSite?: string;
  readonly usage?: Usage;
  readonly usageSource: UsageSource;
  readonly cost: Cost;
  /** Further attributes of the conventions (request parameters, service tier …), as they go on the span. */
  readonly attributes: SpanAttributes;
  /** `service.name` of the process, where known. */
  readonly service?: string;
}
