/**
 * The life of a call, once for all providers.
 *
 * A call starts when the app calls an SDK method and ends exactly once: `completed` (the answer, or the whole stream,
 * arrived), `canceled` (the app broke off), `failed` (the SDK reported an error) or `abandoned` (nobody ever looked at the
 * answer, or the process exits). At its end it becomes a {@link CallRecord}, and from then on holds nothing of the app's.
 *
 * An **attempt** is one HTTP request inside a call. The **span** is ours, opened at the start; where the user chose an SDK's
 * own tracing it is the SDK's (`native.ts`), and ours adds attributes only.
 */
import type { Span } from '@opentelemetry/api';
import type { Attribution } from '@tokenmeter/ledger';
import { type Outcome, UNTAGGED } from '@tokenmeter/semconv';
import { callSite } from '../attribution/call-site.ts';
import { currentAttribution } from '../attribution/index.ts';
import { capture, captureOf } from '../content/capture.ts';
import type { CallRequest, Permit } from '../plugs.ts';
import { CallSpan } from './call-span.ts';
import { NO_FACTS, recordOf } from './ended.ts';
import { errorType, httpStatus, isAbort } from './errors.ts';
import type { Endpoint, Method, RequestFacts, ResponseFacts, StreamReader } from './facts.ts';
import { guard } from './guard.ts';
import { isAnswerCounted, takeWaiting, waitForAnswer } from './later.ts';
import { type Carried, runCall, runtime, startRuntime } from './runtime.ts';

/** `error.type` of a time-out that an SDK reports as an abort. */
const ERROR_TYPE_TIMEOUT = 'timeout';

export class Call {
  /** An SDK may learn late where its requests go. */
  endpoint: Endpoint;
  request: RequestFacts;
  readonly attribution: Attribution;
  /** Unix milliseconds. */
  readonly startTime: number;
  /** HTTP attempts seen so far; undefined while nothing shows that they can be seen. */
  attempts: number | undefined;
  /** Set when a budget refused the call: its request preparation rejects with it. */
  refusal: Error | undefined;
  /** Whether the request is to ask for the usage of its stream, which the app left open. */
  asksForUsage = false;
  /** Whether it has asked. */
  injected = false;
  /** While whoever decides about the call has not: settles when it is decided. */
  pending: Promise<void> | undefined;
  /** The parameters to send instead, where an admission names another model. */
  changedParams: unknown;
  /** What watches over an answer that nobody has asked for by the time the request is sent. */
  unconsumed: (() => void) | undefined;
  /** Among the open calls. */
  place = -1;
  /** Somebody asked for the parsed answer, so its end will be seen. */
  #consumed = false;

  readonly #startedAt: number;
  readonly #callSite: string | undefined;
  #method: Method | undefined;
  #params: unknown;
  #permit: Permit | undefined;
  #firstChunkAt: number | undefined;
  /** HTTP status of the last attempt, where the SDK lets it be seen and it matters: of a refusal. */
  #status: number | undefined;
  readonly #span = new CallSpan();
  readonly #carried: Carried = { call: this };
  #ended = false;
  /** Id of the answer that it waits for. */
  #waitsFor: string | undefined;

  /** `began`: for a call that is known only now, when it began: Unix milliseconds, and by `performance.now()`. */
  constructor(
    method: Method,
    params: unknown,
    endpoint: Endpoint,
    began?: { readonly time: number; readonly at: number },
  ) {
    startRuntime();
    this.#method = method;
    this.#params = params;
    this.endpoint = endpoint;
    this.request = method.request(params);
    this.attribution = currentAttribution();
    this.#callSite = this.attribution.feature === UNTAGGED ? callSite() : undefined;
    this.startTime = began?.time ?? Date.now();
    this.#startedAt = began?.at ?? performance.now();
    runtime.open.add(this);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** For whoever decides about the call before it is sent. */
  toRequest(): CallRequest {
    return {
      operation: this.request.operation,
      provider: this.endpoint.provider,
      requestModel: this.request.model,
      serverAddress: this.endpoint.address,
      stream: this.request.stream,
      startTime: this.startTime,
      attribution: this.attribution,
      maxOutputTokens: this.request.maxOutputTokens,
      inputCharacters: () => this.#method?.inputCharacters?.(this.#params) ?? 0,
    };
  }

  /** Takes along what an admission gave. Before the span is opened. */
  permit(permit: Permit): void {
    this.#permit = permit;
    if (permit.pending) {
      this.pending = permit.pending.then((refusal) => {
        this.pending = undefined;
        if (refusal) this.refuse(refusal);
        else if (!this.#ended) guard(() => this.#span.openDeferred(this));
      });
    }
    if (permit.model === undefined || typeof this.#params !== 'object' || !this.#method) return;
    this.changedParams = { ...this.#params, model: permit.model };
    this.#params = this.changedParams;
    this.request = this.#method.request(this.#params);
  }

  /** A refused call is no call: it ends without a record, and its request preparation rejects with `refusal`. */
  refuse(refusal: Error): void {
    this.refusal = refusal;
    this.#ended = true;
    runtime.open.delete(this);
    guard(() => this.#permit?.end?.(undefined));
  }

  /** Opens our span as a child of the active one; where the call is not decided yet, as soon as it is. */
  openSpan(): void {
    this.#span.open(this);
  }

  /** Takes over the SDK's own span; `finish` really ends it. */
  adoptSpan(span: Span, finish: () => void): void {
    this.#span.adopt(span, finish, this);
  }

  /** Somebody opted in to what is said in calls. */
  capture(): void {
    capture(this, this.#method?.content, this.#params);
  }

  /** Runs the SDK's method: our span is active in it, and no baggage leaves towards the provider. */
  run<T>(method: () => T): T {
    return runCall(this.#carried, this.#span.active, method);
  }

  get consumed(): boolean {
    return this.#consumed;
  }

  consume(): void {
    this.#consumed = true;
    this.unconsumed = undefined;
  }

  /**
   * The request goes out. An app that awaits its call has asked for the answer by now; an answer that nobody asked for is
   * watched from here on, which costs the garbage collector too much to do it for all.
   */
  watchUnconsumed(): void {
    this.unconsumed?.();
    this.unconsumed = undefined;
  }

  attempt(): void {
    this.attempts = (this.attempts ?? 0) + 1;
    this.#status = undefined;
  }

  /** The last attempt was answered so; there may be another one. */
  answered(status: number): void {
    this.#status = status;
  }

  firstChunk(): void {
    this.#firstChunkAt ??= performance.now();
  }

  streamReader(): StreamReader | undefined {
    const reader = guard(() => this.#method?.stream(this.endpoint));
    const captured = runtime.options.content && captureOf(this);
    return reader && captured ? captured.along(reader) : reader;
  }

  /** Undoes what our asking for usage did to an event; true: the app must not see the event at all. */
  restore(event: unknown): boolean {
    return this.injected && this.#method?.askForUsage?.restore(event) === true;
  }

  /** The body of a request that asks for usage; undefined: it does so already. */
  askForUsage(body: string): string | undefined {
    return this.#method?.askForUsage?.ask(body);
  }

  undoInjection(body: string, refusal: string): string | undefined {
    return this.#method?.askForUsage?.undo(body, refusal);
  }

  /** Ends the call with the plain answer that the app gets. */
  complete(body: unknown): void {
    if (this.#ended) return;
    const facts = guard(() => this.#method?.response(body, this.endpoint, this.#params)) ?? NO_FACTS;
    if (runtime.options.content) guard(() => captureOf(this)?.answer(body));
    this.end(facts.error === undefined ? 'completed' : 'failed', facts);
  }

  /** Ends the call with the error that the app gets. */
  fail(error: unknown, facts: ResponseFacts = NO_FACTS): void {
    if (this.#ended) return;
    const aborted = guard(() => isAbort(error)) === true;
    const byApp = guard(() => this.#method?.aborted?.(this.#params)) ?? aborted;
    if (byApp) {
      this.end('canceled', facts);
      return;
    }
    const failed = { ...facts, error: aborted ? ERROR_TYPE_TIMEOUT : guard(() => errorType(error)) };
    this.#status ??= guard(() => httpStatus(error));
    this.end('failed', failed);
  }

  /**
   * Ends the call, at `now` of the monotonic clock. Only the first end counts. A call whose answer is still in the making
   * waits for it instead, and one whose answer somebody else has counted ends without a record.
   */
  end(outcome: Outcome, facts: ResponseFacts = NO_FACTS, now: number = performance.now()): void {
    if (this.#ended) return;
    if (facts.later?.state === 'running') {
      this.#waitFor(facts.later.id);
      return;
    }
    this.#ended = true;
    runtime.open.delete(this);
    guard(() => {
      if (this.#isCounted(outcome, facts)) this.#leave(now);
      else this.#finishWith(outcome, facts, now);
    });
    this.#method = undefined;
    this.#params = undefined;
    this.changedParams = undefined;
    this.#permit = undefined;
    this.unconsumed = undefined;
    this.#carried.call = undefined;
  }

  #waitFor(id: string): void {
    this.#waitsFor = id;
    // It may take hours: the prompt must not.
    this.#params = undefined;
    waitForAnswer(id, this);
  }

  /** Whether somebody else has counted the answer of this call. */
  #isCounted(outcome: Outcome, { later }: ResponseFacts): boolean {
    const id = this.#waitsFor ?? later?.id;
    if (id === undefined) return false;
    takeWaiting(this.endpoint, id);
    return isAnswerCounted(this.endpoint, id, outcome !== 'abandoned');
  }

  /** Ends without a record. */
  #leave(now: number): void {
    guard(() => this.#permit?.end?.(undefined));
    this.#span.end(this.startTime + now - this.#startedAt);
  }

  #finishWith(outcome: Outcome, facts: ResponseFacts, now: number): void {
    const { endpoint, request, attribution, startTime, attempts } = this;
    const ended = {
      outcome,
      facts,
      endpoint,
      request,
      attribution,
      startTime,
      attempts,
      method: this.#method,
      params: this.#params,
      callSite: this.#callSite,
      duration: now - this.#startedAt,
      timeToFirstChunk: this.#firstChunkAt === undefined ? undefined : this.#firstChunkAt - this.#startedAt,
      status: this.#status,
    };
    const record = recordOf(ended, this.#span.ids());
    guard(() => this.#span.close(record, this));
    if (this.#permit) guard(() => this.#permit?.end?.(record));
    for (const sink of runtime.options.sinks ?? []) guard(() => sink(record));
  }
}
