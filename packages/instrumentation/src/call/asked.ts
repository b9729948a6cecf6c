/**
 * Watches an answer that the app asks for again by its id, in place of a call. A call comes of it only where the answer is
 * finished and has not been counted: it then ends the call that waits for it, or is a call of its own.
 */
import { Call } from './call.ts';
import type { Endpoint, Method, ResponseFacts, StreamReader } from './facts.ts';
import { guard } from './guard.ts';
import { isAnswerCounted, takeWaiting } from './later.ts';
import type { Observer } from './observer.ts';
import { startRuntime } from './runtime.ts';

export class Asked implements Observer {
  ended = false;
  /** Whether somebody takes the answer matters to nobody. */
  readonly consumed = true;
  unconsumed: (() => void) | undefined;
  readonly #method: Method;
  readonly #endpoint: Endpoint;

  constructor(method: Method, endpoint: Endpoint) {
    this.#method = method;
    this.#endpoint = endpoint;
  }

  consume(): void {}

  firstChunk(): void {}

  restore(): boolean {
    return false;
  }

  streamReader(): StreamReader | undefined {
    return guard(() => this.#method.stream(this.#endpoint));
  }

  complete(body: unknown): void {
    this.ended = true;
    const facts = guard(() => this.#method.response(body, this.#endpoint, body));
    if (facts) countAnswer(this.#method, this.#endpoint, facts, body);
  }

  fail(): void {
    this.ended = true;
  }

  /** The end of a stream. */
  end(_outcome: unknown, facts?: ResponseFacts): void {
    this.ended = true;
    if (facts) countAnswer(this.#method, this.#endpoint, facts, undefined);
  }
}

/** Watches an iterable of which each item is an answer, e.g. the results of a batch. */
export class AskedItems extends Asked {
  readonly #read: (item: unknown) => void;

  constructor(method: Method, endpoint: Endpoint) {
    super(method, endpoint);
    const read = (item: unknown): void => {
      const facts = method.response(item, endpoint, item);
      countAnswer(method, endpoint, facts, item);
    };
    this.#read = read;
  }

  override streamReader(): StreamReader {
    return { read: this.#read, facts: () => ({ outputCharacters: 0 }) };
  }
}

/** `body`: what the request's facts are read from; an answer repeats its request's parameters. */
function countAnswer(method: Method, endpoint: Endpoint, { later, ...facts }: ResponseFacts, body: unknown): void {
  if (!later || later.state === 'running') return;
  const now = performance.now();
  const waited = takeWaiting(endpoint, later.id);
  const outcome = later.state === 'canceled' ? 'canceled' : facts.error === undefined ? 'completed' : 'failed';
  if (waited) {
    waited.end(outcome, facts, now);
    return;
  }
  startRuntime();
  if (isAnswerCounted(endpoint, later.id, true)) return;
  const today = Date.now();
  const past = (time: number | undefined): number => Math.min(time ?? today, today);
  const time = past(later.startedAt);
  const call = new Call(method, body, endpoint, { time, at: now - (today - time) });
  call.openSpan();
  call.end(outcome, facts, now - (today - past(later.endedAt)));
}
