/**
 * OTLP JSON back to calls: our own lines, and those of others (the collector's file exporter) as far as they carry
 * inference spans. Agent, tool and workflow spans aggregate calls that have spans of their own: they are no calls, and
 * counting them would double the money.
 *
 * Nothing here trusts its input: a field of another type than the contract's counts as absent.
 */
import { COST_STATUSES, type Cost, type CostStatus, type Usage } from '@tokenmeter/pricing';
import {
  ATTR,
  OPERATION,
  OUTCOMES,
  type Outcome,
  UNTAGGED,
  USAGE_SOURCES,
  type UsageSource,
} from '@tokenmeter/semconv';
import { CACHE_WRITES, picoOf } from '../attributes.ts';
import type { Attribution, CallRecord } from '../record.ts';
import { STATUS_ERROR } from './encode.ts';
import { ALL_ATTRIBUTES, type Draft, newDraft, type ReaderTable, readRest } from './readers.ts';
import { timesOf } from './time.ts';
import { attributeValue, isObject, type RawAttribute, type RawSpan } from './wire.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
/** What a span says by its resource. */
export interface ResourceFacts {
  readonly service?: string;
  readonly environment?: string;
}

export function resourceFacts(attributes: readonly RawAttribute[]): ResourceFacts {
  const text = (name: string): string | undefined => {
    const value = attributeValue(attributes.find(({ key }) => key === name)?.value);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return { service: text(ATTR.serviceName), environment: text(ATTR.environment) };
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

/** The call out of its parts, or undefined if the span is none. */
export function assemble(draft: Draft, span: SpanFacts, resource: ResourceFacts): CallRecord | undefined {
  const { call } = draft;
  if (draft.cost.status === undefined && !INFERENCE.has(call.operation)) return undefined;
  return {
    provider: '',
    ...call,
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    operation: (call.operation as string | undefined) ?? '',
    stream: draft.stream,
    startTime: span.startTime,
    duration: span.duration,
    ...(draft.timeToFirstChunk !== undefined && { timeToFirstChunk: draft.timeToFirstChunk }),
    outcome: outcomeOf(draft, span.failed),
    attribution: attributionOf(draft, resource),
    ...usageOf(draft),
    cost: costOf(draft),
    attributes: Object.fromEntries(draft.rest) as CallRecord['attributes'],
    ...serviceOf(draft, resource),
  };
}

function outcomeOf({ call }: Draft, failed: boolean): Outcome {
  if (isOneOf(OUTCOMES, call.outcome)) return call.outcome;
  return failed || call.errorType !== undefined ? 'failed' : 'completed';
}

function attributionOf(draft: Draft, resource: ResourceFacts): Attribution {
  const attribution = { feature: UNTAGGED, ...draft.attribution } as Mutable<Attribution>;
  if (attribution.environment === undefined && resource.environment !== undefined) {
    attribution.environment = resource.environment;
  }
  if (draft.extra.length > 0) attribution.extra = Object.fromEntries(draft.extra);
  return attribution;
}

function serviceOf(draft: Draft, resource: ResourceFacts): Pick<CallRecord, 'service'> {
  const service = draft.service ?? resource.service;
  return service === undefined ? {} : { service };
}

function usageOf(draft: Draft): Pick<CallRecord, 'usage' | 'usageSource'> {
  const usage = draft.usage as Mutable<Usage>;
  if (draft.cacheWrites !== undefined && !CACHE_WRITES.some((field) => usage[field] !== undefined)) {
    usage.cacheWrite = draft.cacheWrites;
  }
  const counted = Object.keys(usage).length > 0;
  const stated = draft.call.usageSource;
  const usageSource: UsageSource = isOneOf(USAGE_SOURCES, stated) ? stated : counted ? 'provider' : 'none';
  return counted || usageSource !== 'none' ? { usage, usageSource } : { usageSource };
}

/** A span without a status of ours was priced by nobody: its cost is not known, and not 0. */
function costOf(draft: Draft): Cost {
  const cost = { version: '', ...draft.cost, flags: draft.flags ?? [] } as unknown as Mutable<Cost>;
  cost.status = statusOf(draft);
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

function statusOf({ cost, usd, usage }: Draft): CostStatus {
  const counted = Object.keys(usage).length > 0;
  if (isOneOf(COST_STATUSES, cost.status)) {
    if (!AMOUNT.has(cost.status) || usd !== undefined) return cost.status;
  } else if (usd !== undefined) return 'estimated';
  return counted ? 'unpriced' : 'usage_unknown';
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return (values as readonly unknown[]).includes(value);
}
