/**
 * The span of one call. It is ours, a child of the active one, opened when the call starts or, where somebody still decides
 * about the call, as soon as that is decided; until then a stand-in is active. Or it is the SDK's own (`native.ts`), which
 * gets our attributes and ends when the call does.
 */
import {
  type Context,
  context,
  INVALID_TRACEID,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type Attributes, type CallRecord, eachEndAttribute, startAttributes } from '@tokenmeter/ledger';
import { type Generation, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { captureOf } from '../content/capture.ts';
import { VERSION } from '../version.ts';
import type { Call } from './call.ts';
import { deferredSpan } from './deferred-span.ts';
import { guard } from './guard.ts';
import { randomSpanId, randomTraceId } from './ids.ts';
import { runtime } from './runtime.ts';

const STABLE: readonly Generation[] = ['stable'];

let tracer: Tracer | undefined;

/** Identity of a span, ours or the SDK's own. */
export interface Ids {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

export class CallSpan {
  #span: Span | undefined;
  #deferred: (ReturnType<typeof deferredSpan> & { readonly active: Context }) | undefined;
  /** What the span was told at its start: it is told again only where the call has learnt better. */
  #told: Pick<Call, 'request' | 'endpoint'> | undefined;
  #parentSpanId: string | undefined;
  /** Ends an adopted span. */
  #finish: (() => void) | undefined;

  open(call: Call): void {
    const active = context.active();
    if (call.pending) this.#deferred = { active, ...deferredSpan(active) };
    else this.#openIn(active, call);
  }

  /** It is decided: the call may go. */
  openDeferred(call: Call): void {
    if (!this.#deferred) return;
    this.#openIn(this.#deferred.active, call);
    if (this.#span) this.#deferred.resolve(this.#span);
  }

  #openIn(active: Context, call: Call): void {
    const attributes = this.#start(call);
    tracer ??= trace.getTracer('tokenmeter', VERSION);
    this.#parentSpanId = trace.getSpanContext(active)?.spanId;
    this.#span = tracer.startSpan(
      nameOf(call),
      { kind: SpanKind.CLIENT, startTime: call.startTime, attributes },
      active,
    );
    captureFor(call, this.#span);
  }

  #start(call: Call): Attributes {
    const { request, endpoint } = call;
    this.#told = { request, endpoint };
    const attributes = knownAtStart(call);
    if (runtime.options.metered?.()) attributes[TOKENMETER_ATTR.metered] = true;
    return attributes;
  }

  /** Takes over the SDK's own span, for which `finish` really ends it: our attributes arrive after the SDK is done with it. */
  adopt(span: Span, finish: () => void, call: Call): void {
    this.#span = span;
    this.#finish = finish;
    span.setAttributes(this.#start(call));
    captureFor(call, span);
  }

  /** What is active while the SDK's method runs; an adopted span the SDK makes active itself. */
  get active(): Span | undefined {
    return this.#finish ? undefined : (this.#deferred?.span ?? this.#span);
  }

  ids(): Ids {
    const parentSpanId = this.#parentSpanId;
    const own = this.#span?.spanContext();
    if (own && own.traceId !== INVALID_TRACEID && own.spanId !== parentSpanId) {
      return { traceId: own.traceId, spanId: own.spanId, parentSpanId };
    }
    // Without a tracer the "span" is the caller's own context, or none: the call gets an id of its own.
    const traceId = own && own.traceId !== INVALID_TRACEID ? own.traceId : randomTraceId();
    return { traceId, spanId: randomSpanId(), parentSpanId };
  }

  /** Writes the call on the span, ends it and lets go of it. */
  close(record: CallRecord, call: Call): void {
    const span = this.#span;
    if (span?.isRecording()) {
      if (this.#told?.request !== call.request || this.#told.endpoint !== call.endpoint) {
        span.setAttributes(knownAtStart(call));
      }
      eachEndAttribute(record, runtime.options.generations ?? STABLE, (name, value) => span.setAttribute(name, value));
      if (record.outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, message: record.errorType });
    }
    const { content, generations = STABLE } = runtime.options;
    if (content) guard(() => captureOf(call)?.release(content, record, span, generations));
    this.end(record.startTime + record.duration);
  }

  /** Ends the span as it is, at that Unix time in milliseconds, and lets go of it. */
  end(time: number): void {
    const span = this.#span;
    const finish = this.#finish;
    this.#span = undefined;
    this.#finish = undefined;
    this.#deferred = undefined;
    this.#told = undefined;
    if (finish) finish();
    else span?.end(time);
  }
}

/** What is said in a call is read where somebody opted in and it can go somewhere. */
function captureFor(call: Call, span: Span): void {
  const { content } = runtime.options;
  if (content && (content.emit || span.isRecording())) call.capture();
}

/** The conventions' span name: `{operation} {request model}`. */
function nameOf({ request: { operation, model } }: Call): string {
  return model === undefined ? operation : `${operation} ${model}`;
}

function knownAtStart({ attribution, request, endpoint }: Call): Attributes {
  return startAttributes({
    operation: request.operation,
    provider: endpoint.provider,
    feature: attribution.feature,
    requestModel: request.model,
    serverAddress: endpoint.address,
    serverPort: endpoint.port,
  });
}
