/** OTLP in JSON, as another instrumentation would send it, and what a collector wrote of it. */
import { randomBytes } from 'node:crypto';

export type Value = string | number | boolean | { readonly string: string };
export type Attributes = Readonly<Record<string, Value>>;

export interface SpanInput {
  readonly name?: string;
  readonly attributes: Attributes;
  readonly events?: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly error?: string;
  /** Unix milliseconds. */
  readonly start?: number;
  readonly traceId?: string;
}

export function traces(spans: readonly SpanInput[], resource: Attributes = {}, scope = 'test'): object {
  return {
    resourceSpans: [
      { resource: { attributes: pairs(resource) }, scopeSpans: [{ scope: { name: scope }, spans: spans.map(spanOf) }] },
    ],
  };
}

function spanOf({ name = 'chat', attributes, events = [], error, start = Date.now(), traceId }: SpanInput): object {
  const at = `${Math.round(start)}000000`;
  return {
    traceId: traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    ...{ name, kind: 3, startTimeUnixNano: at, endTimeUnixNano: `${Math.round(start) + 1}000000` },
    attributes: pairs(attributes),
    events: events.map((event) => ({ name: event.name, timeUnixNano: at, attributes: pairs(event.attributes) })),
    status: error === undefined ? {} : { code: 2, message: error },
  };
}

export function pairs(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toValue(value) }));
}

function toValue(value: Value): object {
  if (typeof value === 'object') return { stringValue: value.string };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

interface Written {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly attributes?: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
      }[];
    }[];
  }[];
}

/** Attributes of the spans in lines of a file exporter, by the span's name. */
export function spansByName(lines: readonly unknown[]): Map<string, Record<string, unknown>> {
  const spans = (lines as readonly Written[]).flatMap((line) =>
    line.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
  return new Map(
    spans.map((span) => [
      span.name,
      Object.fromEntries((span.attributes ?? []).map(({ key, value }) => [key, plain(value)])),
    ]),
  );
}

function plain(value: Readonly<Record<string, unknown>>): unknown {
  return value.intValue === undefined ? Object.values(value)[0] : Number(value.intValue);
}
