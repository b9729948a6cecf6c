/**
 * Reads the lines that `encode.ts` writes, and no others, straight from their bytes: summing a call with it takes less
 * time than `JSON.parse` alone, which builds two objects for each of a span's thirty attributes. The walk is strict: where
 * the form of a line differs from what the encoder would have written, `scan` gives it back untouched and the caller reads
 * it as JSON.
 *
 *     line   {"resourceSpans":[{"resource":{"attributes":[attribute,…]},"scopeSpans":[{"scope":…,"spans":[span,…]}]}]}
 *     span   {"traceId":…,"spanId":…,["parentSpanId":…,]"name":…,"kind":3,…,"attributes":[attribute,…],"status":…}
 */
import { ATTR } from '@tokenmeter/semconv';
import type { CallRecord } from '../record.ts';
import { bytesOf, hashOf, JsonCursor, OTHER_FORM } from './cursor.ts';
import { assemble, type ResourceFacts } from './decode.ts';
import { ALL_ATTRIBUTES, newDraft, type Reader, type ReaderTable, readRest } from './readers.ts';
import { between, type Instant } from './time.ts';

const LINE_START = bytesOf('{"resourceSpans":[{"resource":{"attributes":[');
const SCOPE_START = bytesOf('},"scopeSpans":[{"scope":{"name":"tokenmeter"},"spans":[');
const LINE_END = bytesOf(']}]}]}');
const SPAN_START = bytesOf('{"traceId":');
const SPAN_ID = bytesOf(',"spanId":');
const PARENT = bytesOf(',"parentSpanId":');
const NAME = bytesOf(',"name":');
const START_TIME = bytesOf(',"kind":3,"startTimeUnixNano":');
const END_TIME = bytesOf(',"endTimeUnixNano":');
const ATTRIBUTES = bytesOf(',"attributes":[');
const STATUS = bytesOf(',"status":{');
const ERROR_CODE = bytesOf('"code":2');
const SPAN_END = bytesOf('}}');
const KEY = bytesOf('{"key":');
const VALUE = bytesOf(',"value":{');
const STRING = bytesOf('"stringValue":');
const INT = bytesOf('"intValue":');
const DOUBLE = bytesOf('"doubleValue":');
const BOOL = bytesOf('"boolValue":');
const ARRAY = bytesOf('"arrayValue":{"values":[');
const ITEM = bytesOf('{"stringValue":');
const TRUE = bytesOf('true');
const FALSE = bytesOf('false');

const COMMA = 44;
const BRACKET_END = 93;
const BRACE_END = 125;

interface Known {
  readonly name: Uint8Array;
  readonly read: Reader;
}

export class LineScanner {
  readonly #everything: boolean;
  /** Readers by the hash of their name. */
  readonly #known = new Map<number, Known[]>();
  readonly #json = new JsonCursor();

  constructor(table: ReaderTable) {
    this.#everything = table === ALL_ATTRIBUTES;
    for (const [name, read] of table) {
      const bytes = bytesOf(name);
      const hash = hashOf(bytes);
      this.#known.set(hash, [...(this.#known.get(hash) ?? []), { name: bytes, read }]);
    }
  }

  /** The calls of a line; undefined if the line is not exactly of our form. */
  scan(bytes: Buffer, from: number, to: number): CallRecord[] | undefined {
    this.#json.begin(bytes, from);
    try {
      const calls = this.#line();
      return this.#json.at === to ? calls : undefined;
    } catch (error) {
      if (error === OTHER_FORM) return undefined;
      throw error;
    }
  }

  #line(): CallRecord[] {
    this.#json.expect(LINE_START);
    const resource = this.#resource();
    this.#json.expect(SCOPE_START);
    const calls: CallRecord[] = [];
    do {
      const call = this.#span(resource);
      if (call) calls.push(call);
    } while (this.#json.take(COMMA));
    this.#json.expect(LINE_END);
    return calls;
  }

  #resource(): ResourceFacts {
    const facts: Record<string, unknown> = {};
    if (!this.#json.take(BRACKET_END)) {
      do {
        this.#json.expect(KEY);
        this.#json.string();
        const name = this.#json.text();
        facts[name] = this.#value(true);
      } while (this.#json.take(COMMA));
      this.#json.need(BRACKET_END);
    }
    return { service: textOf(facts[ATTR.serviceName]), environment: textOf(facts[ATTR.environment]) };
  }

  #span(resource: ResourceFacts): CallRecord | undefined {
    const draft = newDraft();
    this.#json.expect(SPAN_START);
    const traceId = this.#json.id();
    this.#json.expect(SPAN_ID);
    const spanId = this.#json.id();
    const parentSpanId = this.#json.matches(PARENT) ? this.#json.id() : undefined;
    this.#json.expect(NAME);
    this.#json.string();
    this.#json.expect(START_TIME);
    const start = this.#instant();
    this.#json.expect(END_TIME);
    const { startTime, duration } = between(start, this.#instant());
    this.#json.expect(ATTRIBUTES);
    if (!this.#json.take(BRACKET_END)) {
      do this.#attribute(draft);
      while (this.#json.take(COMMA));
      this.#json.need(BRACKET_END);
    }
    this.#json.expect(STATUS);
    const failed = this.#json.matches(ERROR_CODE);
    this.#json.expect(SPAN_END);
    return assemble(draft, { traceId, spanId, parentSpanId, startTime, duration, failed }, resource);
  }

  #attribute(draft: ReturnType<typeof newDraft>): void {
    this.#json.expect(KEY);
    this.#json.string();
    const read = this.#reader();
    if (read) read(draft, this.#value(true));
    else if (this.#everything) {
      const name = this.#json.text();
      readRest(draft, name, this.#value(true));
    } else this.#value(false);
  }

  /** The reader of the attribute whose name was the last string. */
  #reader(): Reader | undefined {
    const candidates = this.#known.get(this.#json.hash);
    if (!candidates) return undefined;
    return candidates.find(({ name }) => this.#json.isLast(name))?.read;
  }

  /** The value of an attribute to its end; only decoded if it is `wanted`. */
  #value(wanted: boolean): unknown {
    this.#json.expect(VALUE);
    let value: unknown;
    if (this.#json.matches(STRING)) {
      this.#json.string();
      if (wanted) value = this.#json.text();
    } else if (this.#json.matches(INT)) {
      value = this.#json.integer();
    } else if (this.#json.matches(DOUBLE)) value = this.#json.number();
    else if (this.#json.matches(BOOL)) {
      value = this.#json.matches(TRUE);
      if (!value) this.#json.expect(FALSE);
    } else {
      this.#json.expect(ARRAY);
      value = this.#strings();
      this.#json.need(BRACE_END);
    }
    this.#json.expect(SPAN_END);
    return value;
  }

  #strings(): string[] {
    const items: string[] = [];
    if (this.#json.take(BRACKET_END)) return items;
    do {
      this.#json.expect(ITEM);
      items.push(this.#json.stringText());
      this.#json.need(BRACE_END);
    } while (this.#json.take(COMMA));
    this.#json.need(BRACKET_END);
    return items;
  }

  /** Unix nanoseconds in quotes. */
  #instant(): Instant {
    const [ms, nanos] = this.#json.splitDigits();
    return { ms, nanos };
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
