/**
 * Reads the lines that `encode.ts` writes, and no others, straight from their bytes: summing a call with it takes a
 * fraction of the time of `JSON.parse` alone, which builds two objects for each of a span's thirty attributes. What came
 * before at the same place is compared (`run.ts`, `forms.ts`), and only the rest is walked over (`cursor.ts`). The walk is
 * strict: where the form of a line differs from what the encoder would have written, `scan` gives it back untouched and
 * the caller reads it as JSON.
 *
 *     line   {"resourceSpans":[{"resource":{"attributes":[attribute,…]},"scopeSpans":[{"scope":…,"spans":[span,…]}]}]}
 *     span   {"traceId":…,"spanId":…,["parentSpanId":…,]"name":…,"kind":3,…,"attributes":[attribute,…],"status":…}
 */
import type { CallRecord } from '../record.ts';
import { JsonCursor, OTHER_FORM } from './cursor.ts';
import { assemble, factsOf, RESOURCE_ATTRIBUTES, type ResourceFacts } from './decode.ts';
import { type Form, Forms, type Kind, remember } from './forms.ts';
import { type Draft, newDraft, type ReaderTable } from './readers.ts';
import { Run } from './run.ts';
import { between, type Instant } from './time.ts';

const LINE_START = Run.ofText('{"resourceSpans":[{"resource":{"attributes":[');
const SCOPE_START = Run.ofText('},"scopeSpans":[{"scope":{"name":"tokenmeter"},"spans":[');
const LINE_END = Run.ofText(']}]}]}');
const SPAN_START = Run.ofText('{"traceId":');
const SPAN_ID = Run.ofText(',"spanId":');
const PARENT = Run.ofText(',"parentSpanId":');
const NAME = Run.ofText(',"name":');
const START_TIME = Run.ofText(',"kind":3,"startTimeUnixNano":');
const END_TIME = Run.ofText(',"endTimeUnixNano":');
const ATTRIBUTES = Run.ofText(',"attributes":[');
const STATUS = Run.ofText(',"status":{');
const ERROR_CODE = Run.ofText('"code":2');
const SPAN_END = Run.ofText('}}');
const ITEM = Run.ofText('{"stringValue":');
const TRUE = Run.ofText('true');
const FALSE = Run.ofText('false');

const COMMA = 44;
const BRACKET_END = 93;
const BRACE_END = 125;

export class LineScanner {
  readonly #json = new JsonCursor();
  readonly #spanForms: Forms;
  readonly #resourceForms = new Forms(RESOURCE_ATTRIBUTES);
  /** The last head of a line, which is the same in all lines of a process, and what it says. */
  #head: Run | undefined;
  #resource: ResourceFacts = {};

  constructor(table: ReaderTable) {
    this.#spanForms = new Forms(table);
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
    if (this.#head === undefined || !this.#json.matches(this.#head)) this.#lineHead();
    const calls: CallRecord[] = [];
    do {
      const call = this.#span(this.#resource);
      if (call) calls.push(call);
    } while (this.#json.take(COMMA));
    this.#json.expect(LINE_END);
    return calls;
  }

  #lineHead(): void {
    const from = this.#json.at;
    this.#json.expect(LINE_START);
    const draft = newDraft();
    this.#attributes(this.#resourceForms, draft);
    this.#json.expect(SCOPE_START);
    this.#resource = factsOf(draft);
    this.#head = this.#json.runFrom(from);
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
    this.#attributes(this.#spanForms, draft);
    this.#json.expect(STATUS);
    const failed = this.#json.matches(ERROR_CODE);
    this.#json.expect(SPAN_END);
    return assemble(draft, { traceId, spanId, parentSpanId, startTime, duration, failed }, resource);
  }

  /** A list of attributes to its end. */
  #attributes(forms: Forms, draft: Draft): void {
    if (this.#json.take(BRACKET_END)) return;
    let form = forms.start;
    do {
      form = forms.after(form, this.#json);
      const value = this.#valueOf(form);
      if (form.read !== undefined) form.read(draft, value);
    } while (this.#json.take(COMMA));
    this.#json.need(BRACKET_END);
  }

  /** The value of an attribute, to the attribute's end. */
  #valueOf(form: Form): unknown {
    if (form.tail !== undefined && this.#json.matches(form.tail)) return form.value;
    const from = this.#json.at;
    const value = this.#value(form.kind, form.read !== undefined);
    this.#json.expect(SPAN_END);
    remember(form, value, this.#json, from);
    return value;
  }

  /** Only decoded if it is `wanted`. */
  #value(kind: Kind, wanted: boolean): unknown {
    switch (kind) {
      case 'string':
        this.#json.string();
        return wanted ? this.#json.text() : undefined;
      case 'int':
        return this.#json.integer();
      case 'double':
        return this.#json.number();
      case 'bool':
        return this.#bool();
      case 'array':
        return this.#strings();
    }
  }

  #bool(): boolean {
    if (this.#json.matches(TRUE)) return true;
    this.#json.expect(FALSE);
    return false;
  }

  #strings(): string[] {
    const items: string[] = [];
    if (!this.#json.take(BRACKET_END)) {
      do {
        this.#json.expect(ITEM);
        items.push(this.#json.stringText());
        this.#json.need(BRACE_END);
      } while (this.#json.take(COMMA));
      this.#json.need(BRACKET_END);
    }
    this.#json.need(BRACE_END);
    return items;
  }

  /** Unix nanoseconds in quotes. */
  #instant(): Instant {
    const [ms, nanos] = this.#json.splitDigits();
    return { ms, nanos };
  }
}
