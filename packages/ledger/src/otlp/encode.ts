/**
 * A call as OTLP JSON text. One line of a ledger file is one complete ExportTraceServiceRequest, so that the collector's
 * `otlpjsonfile` receiver and every OTLP viewer read the files as they are.
 */
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { type Attributes, type AttributeValue, ledgerAttributes } from '../attributes.ts';
import type { CallRecord } from '../record.ts';
import { nanosOf } from './time.ts';

const SPAN_KIND_CLIENT = 3;
/** `STATUS_CODE_ERROR`. */
export const STATUS_ERROR = 2;
const SCOPE = '{"name":"tokenmeter"}';

/** These stay doubles when their value happens to be whole: a backend fixes a column's type by what it sees first. */
const DOUBLES: ReadonlySet<string> = new Set([
  TOKENMETER_ATTR.costUsd,
  TOKENMETER_ATTR.costListUsd,
  TOKENMETER_ATTR.costCacheSavingsUsd,
  ATTR.responseTimeToFirstChunk,
  ATTR.requestTemperature,
  ATTR.requestTopP,
  ATTR.requestTopK,
  ATTR.requestFrequencyPenalty,
  ATTR.requestPresencePenalty,
]);

/** `{operation} {request model}`, or the operation alone. */
export function spanName(record: Pick<CallRecord, 'operation' | 'requestModel'>): string {
  return record.requestModel === undefined ? record.operation : `${record.operation} ${record.requestModel}`;
}

/** The calls as one line, without its line end. `resource` describes the process. */
export function toOtlp(records: readonly CallRecord[], resource: Attributes): string {
  const [head, tail] = lineAround(resource);
  return head + records.map((record) => encodeSpan(record, resource)).join(',') + tail;
}

/** What stands before the spans of a line, which commas part, and what behind them. */
export function lineAround(resource: Attributes): readonly [head: string, tail: string] {
  const described = `{"resource":{"attributes":${encodeAttributes(resource)}},"scopeSpans":[{"scope":${SCOPE},"spans":[`;
  return [`{"resourceSpans":[${described}`, ']}]}]}'];
}

/** One span. What the resource says already (service, environment) is not said again. */
export function encodeSpan(record: CallRecord, resource: Attributes): string {
  const attributes = ledgerAttributes(record);
  if (record.service !== undefined) attributes[ATTR.serviceName] = record.service;
  const [start, end] = nanosOf(record.startTime, record.duration);
  const parent = record.parentSpanId === undefined ? '' : `"parentSpanId":${json(record.parentSpanId)},`;
  const status = record.outcome === 'failed' ? `{"code":${STATUS_ERROR}}` : '{}';
  return (
    `{"traceId":${json(record.traceId)},"spanId":${json(record.spanId)},${parent}` +
    `"name":${json(spanName(record))},"kind":${SPAN_KIND_CLIENT},` +
    `"startTimeUnixNano":"${start}","endTimeUnixNano":"${end}",` +
    `"attributes":${encodeAttributes(attributes, resource)},"status":${status}}`
  );
}

/** What JSON escapes: a surrogate only where it is alone, which is rare enough to be looked at again. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be escaped
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/** `JSON.stringify` of a text. A span has some fifty, and each would be a call into the engine. */
function json(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** A KeyValue list. Values that `known` holds alike, and values that JSON cannot carry, are left out. */
function encodeAttributes(attributes: Attributes, known?: Attributes): string {
  let text = '';
  for (const name in attributes) {
    const value = attributes[name];
    if (value === undefined || (known !== undefined && known[name] === value)) continue;
    const encoded = encodeValue(name, value);
    if (encoded === undefined) continue;
    text += `${text === '' ? '' : ','}{"key":${json(name)},"value":${encoded}}`;
  }
  return `[${text}]`;
}

function encodeValue(name: string, value: AttributeValue): string | undefined {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${json(value)}}`;
    case 'boolean':
      return `{"boolValue":${value}}`;
    case 'number':
      if (!Number.isFinite(value)) return undefined;
      return Number.isSafeInteger(value) && !DOUBLES.has(name) ? `{"intValue":"${value}"}` : `{"doubleValue":${value}}`;
    default:
      return `{"arrayValue":{"values":[${value.map((item) => `{"stringValue":${json(item)}}`).join(',')}]}}`;
  }
}
