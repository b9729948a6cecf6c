/** What becomes of a call that has ended: what it consumed, what that costs, and its record. */
import type { Attribution, CallRecord } from '@tokenmeter/ledger';
import { type Cost, isRefusal, type UsageReport } from '@tokenmeter/pricing';
import { ERROR_TYPE_OTHER, type Outcome, type UsageSource } from '@tokenmeter/semconv';
import type { Ids } from './call-span.ts';
import { estimateUsage } from './estimate.ts';
import type { Endpoint, Method, RequestFacts, ResponseFacts } from './facts.ts';
import { pricer } from './runtime.ts';

/** Of a call of whose answer nothing was seen. */
export const NO_FACTS: ResponseFacts = { outputCharacters: 0 };

/** A call at its end. */
export interface Ended {
  readonly outcome: Outcome;
  readonly facts: ResponseFacts;
  readonly method: Method | undefined;
  readonly params: unknown;
  readonly endpoint: Endpoint;
  readonly request: RequestFacts;
  readonly attribution: Attribution;
  readonly callSite: string | undefined;
  /** Unix milliseconds. */
  readonly startTime: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly timeToFirstChunk: number | undefined;
  readonly attempts: number | undefined;
  /** HTTP status of the last attempt, where it matters. */
  readonly status: number | undefined;
}

interface Consumed {
  readonly report?: UsageReport;
  readonly source: UsageSource;
}

export function recordOf(ended: Ended, { traceId, spanId, parentSpanId }: Ids): CallRecord {
  const { outcome, facts, endpoint, request } = ended;
  const consumed = consumedBy(ended);
  return {
    traceId,
    spanId,
    parentSpanId,
    operation: request.operation,
    provider: endpoint.provider,
    requestModel: request.model,
    responseModel: facts.model,
    responseId: facts.id,
    finishReasons: facts.finishReasons,
    serverAddress: endpoint.address,
    serverPort: endpoint.port,
    stream: request.stream,
    startTime: ended.startTime,
    duration: ended.duration,
    timeToFirstChunk: ended.timeToFirstChunk,
    outcome,
    errorType: outcome === 'failed' ? (facts.error ?? ERROR_TYPE_OTHER) : undefined,
    attempts: ended.attempts,
    attribution: ended.attribution,
    callSite: ended.callSite,
    usage: consumed.report?.usage,
    usageSource: consumed.source,
    cost: costOf(ended, consumed),
    attributes: facts.attributes ? { ...request.attributes, ...facts.attributes } : request.attributes,
  };
}

function consumedBy({ outcome, facts, method, params, request }: Ended): Consumed {
  if (facts.report && !facts.partial) return { report: facts.report, source: 'provider' };
  // A connection that broke may have been billed or not; only what the app itself cut short, or what came whole but
  // uncounted, is worth an estimate.
  const arrived = facts !== NO_FACTS && (outcome === 'canceled' || outcome === 'completed');
  if (!arrived || !request.stream || !method?.inputCharacters) return { source: 'none' };
  const input = facts.report ? 0 : method.inputCharacters(params);
  return { report: estimateUsage(input, facts.outputCharacters, facts.report), source: 'estimated' };
}

function costOf(ended: Ended, { report, source }: Consumed): Cost {
  const { facts, endpoint, request, startTime } = ended;
  if (report === undefined && costsNothing(ended)) {
    return { status: 'free', pico: 0n, usd: 0, version: pricer().version, flags: ['refused'] };
  }
  return pricer().price({
    provider: endpoint.provider,
    host: endpoint.address,
    requestModel: request.model,
    responseModel: facts.model,
    report,
    usageEstimated: source === 'estimated',
    context: request.context,
    at: startTime,
  });
}

/** Refused by the provider, or never sent: both are known to cost nothing. */
function costsNothing({ outcome, attempts, status }: Ended): boolean {
  return (status !== undefined && isRefusal(status)) || (attempts === 0 && outcome !== 'completed');
}
