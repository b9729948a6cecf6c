/**
 * The content of one call, kept from its start to its end, where somebody opted in. It goes on the span as JSON, since
 * OpenTelemetry SDKs before 3.x drop structured attributes, and on an event as structure; never into a record, a metric or
 * the ledger. The app's own objects are read at once and not kept, and none of its code runs for that.
 */
import { ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { type CallRecord, spanAttributes } from '@tokenmeter/ledger';
import { CONTENT_ATTR, type Generation, INFERENCE_EVENT } from '@tokenmeter/semconv';
import type { StreamReader } from '../call/facts.ts';
import { guard } from '../call/guard.ts';
import { boundedJson } from './bounded.ts';
import { dataOnly } from './data-only.ts';
import type { Assembler, ContentReader } from './messages.ts';

/** Where content goes. */
export interface ContentOptions {
  readonly onSpans: boolean;
  /** Takes an event (a log record of OpenTelemetry's logs API). Absent: there are no events. */
  readonly emit?: (event: Readonly<Record<string, unknown>>) => void;
}

/** Severity of the conventions' event: DEBUG. */
const SEVERITY_NUMBER = 5;

/** Beside the calls, so that a call of a process without content has nothing of it. */
const captures = new WeakMap<object, Capture>();

/** Reads what `params` say; from now on the call has a capture. Does nothing for a method that says nothing. */
export function capture(call: object, reader: ContentReader | undefined, params: unknown): void {
  const started = reader && guard(() => new Capture(reader, params));
  if (started) captures.set(call, started);
}

/** The capture of a call that has one. */
export function captureOf(call: object): Capture | undefined {
  return captures.get(call);
}

class Capture {
  readonly #reader: ContentReader;
  readonly #attributes: Record<string, string> = {};
  #assembler: Assembler | undefined;

  constructor(reader: ContentReader, params: unknown) {
    this.#reader = reader;
    const { messages, instructions, tools } = reader.request(dataOnly(params));
    this.#put(CONTENT_ATTR.inputMessages, messages);
    this.#put(CONTENT_ATTR.systemInstructions, instructions);
    this.#put(CONTENT_ATTR.toolDefinitions, tools);
  }

  /** A whole answer. */
  answer(body: unknown): void {
    this.#put(CONTENT_ATTR.outputMessages, this.#reader.response(body));
  }

  /** Reads along with the reader of a stream. */
  along(facts: StreamReader): StreamReader {
    const assembler = guard(() => this.#reader.stream());
    if (!assembler) return facts;
    this.#assembler = assembler;
    return {
      read(event) {
        guard(() => assembler.read(event));
        facts.read(event);
      },
      facts: () => facts.facts(),
    };
  }

  /** Hands over what was said, at the end of the call. */
  release(
    { onSpans, emit }: ContentOptions,
    record: CallRecord,
    span: Span | undefined,
    generations: readonly Generation[],
  ): void {
    const streamed = guard(() => this.#assembler?.messages());
    if (streamed) this.#put(CONTENT_ATTR.outputMessages, streamed);
    if (onSpans && span?.isRecording()) span.setAttributes(this.#attributes);
    emit?.(this.#event(record, span, generations));
  }

  #put(name: string, items: readonly unknown[] | undefined): void {
    const json = boundedJson(items);
    if (json !== undefined) this.#attributes[name] = json;
  }

  #event(record: CallRecord, span: Span | undefined, generations: readonly Generation[]): Record<string, unknown> {
    const attributes: Record<string, unknown> = spanAttributes(record, generations);
    for (const [name, json] of Object.entries(this.#attributes)) attributes[name] = JSON.parse(json);
    return {
      eventName: INFERENCE_EVENT,
      severityNumber: SEVERITY_NUMBER,
      timestamp: record.startTime + record.duration,
      attributes,
      context: span ? trace.setSpanContext(ROOT_CONTEXT, span.spanContext()) : undefined,
    };
  }
}
