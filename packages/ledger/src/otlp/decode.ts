/**
 * OTLP JSON back to calls: our own lines, and those of others (the collector's file exporter) as far as they carry
 * inference spans. Agent, tool and workflow spans aggregate calls that have spans of their own: they are no calls, and
 * counting them would double the money.
 *
 * Nothing here trusts its input: a field of another type than the contract's counts as absent.
 */
import { COST_STATUSES, type Cost, type CostStatus, type Usage } from '@tokenmeter/pricing';
import { ATTR, OPERATION, OUTCOMES, type Outcome, USAGE_SOURCES, type UsageSource } from '@tokenmeter/semconv';
import { CACHE_WRITES, picoOf } from '../attributes.ts';
import type { Attribution, CallRecord } from '../record.ts';
import { STATUS_ERROR } from './encode.ts';
import { ALL_ATTRIBUTES, type Draft, newDraft, type ReaderTable, readersOf, readRest } from './readers.ts';
import { timesOf } from './time.ts';
import { attributeValue, isObject, type RawAttribute, type RawSpan } from './wire.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
/** What a span says by its resource. */
export interface ResourceFacts {
  readonly service?: string;
  readonly environment?: string;
}

export const RESOURCE_ATTRIBUTES: ReaderTable = readersOf([ATTR.serviceName, ATTR.environment]);

export function resourceFacts(attributes: readonly RawAttribute[]): ResourceFacts {
  const draft = newDraft();
  for (const { key, value } of attributes) RESOURCE_ATTRIBUTES.get(key)?.(draft, attributeValue(value));
  return factsOf(draft);
}

/** What was read of a resource. */
export function factsOf({ service, attribution }: Draft): ResourceFacts {
  const environment = attribution.environment as string | undefined;
  return { service: service || undefined, environment: environment || undefined };
}

const INFERENCE: ReadonlySet<unknown> = new Set(Object.values(OPERATION));

/** What is known of a span beside its attributes. */
export interface SpanFacts {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTime: number;
  readonly duration: number;
  /** Its status is an error. */
  readonly failed: boolean;
}

/**
 * The call that a span is, or undefined if it is none. With another table than {@link ALL_ATTRIBUTES} only what that
 * table reads is filled in.
 */
export function callOf(
  span: RawSpan,
  resource: ResourceFacts,
  table: ReaderTable = ALL_ATTRIBUTES,
): CallRecord | undefined {
  const times = timesOf(span.startTimeUnixNano, span.endTimeUnixNano);
  const { traceId, spanId, parentSpanId, status } = span;
  if (!times || typeof traceId !== 'string' || typeof spanId !== 'string') return undefined;
  const draft = newDraft();
  for (const { key, value } of span.attributes) {
    const read = table.get(key);
    if (read) read(draft, attributeValue(value));
    else if (table === ALL_ATTRIBUTES) readRest(draft, key, attributeValue(value));
  }
  return assemble(
    draft,
    {
      traceId,
      spanId,
      ...(typeof parentSpanId === 'string' && parentSpanId !== '' && { parentSpanId }),
      ...times,
      failed: isObject(status) && status.code === STATUS_ERROR,
    },
    resource,
  );
}

/** The call out of its parts, or undefined if the span is none. The parts are the record's from then on. */
export function assemble(draft: Draft, span: SpanFacts, resource: ResourceFacts): CallRecord | undefined {
  if (draft.cost.status === undefined && !INFERENCE.has(draft.call.operation)) return undefined;
  const call = draft.call as unknown as Mutable<CallRecord>;
  const service = draft.service ?? resource.service;
  const usage = usageOf(draft);
  const counted = isCounted(usage);
  call.outcome = outcomeOf(draft, span.failed);
  call.usageSource = usageSourceOf(draft, counted);
  call.operation ??= '';
  call.traceId = span.traceId;
  call.spanId = span.spanId;
  if (span.parentSpanId !== undefined) call.parentSpanId = span.parentSpanId;
  call.startTime = span.startTime;
  call.duration = span.duration;
  call.stream = draft.stream;
  if (draft.timeToFirstChunk !== undefined) call.timeToFirstChunk = draft.timeToFirstChunk;
  call.attribution = attributionOf(draft, resource);
  call.cost = costOf(draft, counted);
  if (counted || call.usageSource !== 'none') call.usage = usage;
  call.attributes = (draft.rest.length > 0 ? Object.fromEntries(draft.rest) : {}) as CallRecord['attributes'];
  if (service !== undefined) call.service = service;
  return call;
}

function outcomeOf({ call }: Draft, failed: boolean): Outcome {
  if (isOneOf(OUTCOMES, call.outcome)) return call.outcome;
  return failed || call.errorType !== undefined ? 'failed' : 'completed';
}

function attributionOf(draft: Draft, resource: ResourceFacts): Attribution {
  const attribution = draft.attribution as unknown as Mutable<Attribution>;
  if (resource.environment !== undefined) attribution.environment ??= resource.environment;
  if (draft.extra.length > 0) attribution.extra = Object.fromEntries(draft.extra);
  return attribution;
}

function usageSourceOf({ call }: Draft, counted: boolean): UsageSource {
  if (isOneOf(USAGE_SOURCES, call.usageSource)) return call.usageSource;
  return counted ? 'provider' : 'none';
}

function usageOf(draft: Draft): Usage {
  const usage = draft.usage as Mutable<Usage>;
  if (draft.cacheWrites !== undefined && !CACHE_WRITES.some((field) => usage[field] !== undefined)) {
    usage.cacheWrite = draft.cacheWrites;
  }
  return usage;
}

function isCounted(usage: Usage): boolean {
  for (const _ in usage) return true;
  return false;
}

/** A span without a status of ours was priced by nobody: its cost is not known, and not 0. */
function costOf(draft: Draft, counted: boolean): Cost {
  const cost = draft.cost as unknown as Mutable<Cost>;
  cost.status = statusOf(draft, counted);
  cost.flags = draft.flags ?? [];
  if (draft.usd !== undefined && AMOUNT.has(cost.status)) {
    cost.usd = draft.usd;
    cost.pico = picoOf(draft.usd);
  }
  if (draft.listUsd !== undefined) {
    cost.listUsd = draft.listUsd;
    cost.listPico = picoOf(draft.listUsd);
  }
  if (draft.savedUsd !== undefined) cost.cacheSavingsPico = picoOf(draft.savedUsd);
  return cost;
}

const AMOUNT: ReadonlySet<CostStatus> = new Set(['priced', 'free', 'estimated']);

function statusOf({ cost, usd }: Draft, counted: boolean): CostStatus {
  if (isOneOf(COST_STATUSES, cost.status)) {
    if (!AMOUNT.has(cost.status) || usd !== undefined) return cost.status;
  } else if (usd !== undefined) return 'estimated';
  return counted ? 'unpriced' : 'usage_unknown';
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return (values as readonly unknown[]).includes(value);
}
