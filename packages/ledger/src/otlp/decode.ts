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
  TOKENMETER_ATTR,
  UNTAGGED,
  USAGE_SOURCES,
  type UsageSource,
} from '@tokenmeter/semconv';
import { CACHE_WRITES, picoOf } from '../attributes.ts';
import type { Attribution, CallRecord } from '../record.ts';
import { ALL_ATTRIBUTES, type Draft, type ReaderTable, readExtra } from './readers.ts';
import { timesOf } from './time.ts';
import { attributeValue, isObject, type RawAttribute, type RawSpan } from './wire.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
/** What a span says by its resource. */
export interface ResourceFacts {
  readonly service?: string;
  readonly environment?: string;
}

export function resourceFacts(attributes: readonly RawAttribute[]): ResourceFacts {
  const facts: Mutable<ResourceFacts> = {};
  for (const { key, value } of attributes) {
    const text = attributeValue(value);
    if (typeof text !== 'string' || text === '') continue;
    if (key === ATTR.serviceName) facts.service = text;
    if (key === ATTR.environment) facts.environment = text;
  }
  return facts;
}

const INFERENCE: ReadonlySet<unknown> = new Set(Object.values(OPERATION));

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
  if (!times || typeof span.traceId !== 'string' || typeof span.spanId !== 'string') return undefined;
  const draft: Draft = { call: {}, attribution: {}, usage: {}, cost: {}, rest: [], extra: [], stream: false };
  const everything = table === ALL_ATTRIBUTES;
  for (const { key, value: wrapped } of span.attributes) {
    const read = table.get(key);
    if (read) read(draft, attributeValue(wrapped));
    else if (everything) readRest(draft, key, attributeValue(wrapped));
  }
  const { call } = draft;
  if (draft.cost.status === undefined && !INFERENCE.has(call.operation)) return undefined;
  return {
    provider: '',
    ...call,
    traceId: span.traceId,
    spanId: span.spanId,
    ...(typeof span.parentSpanId === 'string' && span.parentSpanId !== '' && { parentSpanId: span.parentSpanId }),
    operation: (call.operation as string | undefined) ?? '',
    stream: draft.stream,
    startTime: times.startTime,
    duration: times.duration,
    ...(draft.timeToFirstChunk !== undefined && { timeToFirstChunk: draft.timeToFirstChunk }),
    outcome: outcomeOf(draft, span),
    attribution: attributionOf(draft, resource),
    ...usageOf(draft),
    cost: costOf(draft),
    attributes: Object.fromEntries(draft.rest) as CallRecord['attributes'],
    ...serviceOf(draft, resource),
  };
}

function outcomeOf({ call }: Draft, span: RawSpan): Outcome {
  if (isOneOf(OUTCOMES, call.outcome)) return call.outcome;
  const failed = call.errorType !== undefined || (isObject(span.status) && span.status.code === 2);
  return failed ? 'failed' : 'completed';
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

function readRest(draft: Draft, name: string, value: unknown): void {
  if (name.startsWith(TOKENMETER_ATTR.attributionPrefix)) readExtra(draft, name, value);
  else if (value !== undefined) draft.rest.push([name, value]);
}
