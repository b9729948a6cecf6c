/** The shape of OTLP JSON as far as we read it, and the guards that make unknown JSON that shape. */
import type { AttributeValue } from '../attributes.ts';

export interface RawAttribute {
  readonly key: string;
  /** An AnyValue: `{ "stringValue": … }` and its siblings. */
  readonly value?: unknown;
}

export interface RawSpan {
  readonly traceId?: unknown;
  readonly spanId?: unknown;
  readonly parentSpanId?: unknown;
  readonly startTimeUnixNano?: unknown;
  readonly endTimeUnixNano?: unknown;
  readonly status?: unknown;
  readonly attributes: readonly RawAttribute[];
}

export interface RawResourceSpans {
  readonly resource: readonly RawAttribute[];
  readonly spans: readonly RawSpan[];
}

/** The groups of an ExportTraceServiceRequest; undefined if the JSON is none. */
export function resourceSpansOf(json: unknown): RawResourceSpans[] | undefined {
  if (!isObject(json) || !Array.isArray(json.resourceSpans)) return undefined;
  return json.resourceSpans.filter(isObject).map((group) => ({
    resource: isObject(group.resource) ? attributesOf(group.resource.attributes) : [],
    spans: objectsOf(group.scopeSpans).flatMap((scope) => objectsOf(scope.spans).map(spanOf)),
  }));
}

/** The value in an AnyValue; undefined for kinds that a call has no use for (bytes, maps, mixed arrays). */
export function attributeValue(any: unknown): AttributeValue | undefined {
  if (!isObject(any)) return undefined;
  if (typeof any.stringValue === 'string') return any.stringValue;
  const number = any.intValue ?? any.doubleValue;
  if (number !== undefined) return numberOf(number);
  if (typeof any.boolValue === 'boolean') return any.boolValue;
  if (!isObject(any.arrayValue)) return undefined;
  const items = objectsOf(any.arrayValue.values).map((item) => item.stringValue);
  return items.every((item) => typeof item === 'string') ? items : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number | undefined {
  if (value === '' || (typeof value !== 'string' && typeof value !== 'number')) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function objectsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function spanOf(span: Record<string, unknown>): RawSpan {
  return { ...span, attributes: attributesOf(span.attributes) };
}

function attributesOf(value: unknown): RawAttribute[] {
  return objectsOf(value).filter(isAttribute);
}

function isAttribute(value: Record<string, unknown>): value is Record<string, unknown> & RawAttribute {
  return typeof value.key === 'string';
}
