/** What an answer's promise and stream tell of it: to a call, or to whoever asks for the answer of one. */
import type { Outcome } from '@tokenmeter/semconv';
import type { ResponseFacts, StreamReader } from './facts.ts';

export interface Observer {
  readonly ended: boolean;
  /** Somebody asked for the parsed answer, so its end will be seen. */
  readonly consumed: boolean;
  /** Watches over an answer that nobody has asked for by the time the request is sent. */
  unconsumed: (() => void) | undefined;
  consume(): void;
  firstChunk(): void;
  /** True: the app must not see this event. */
  restore(event: unknown): boolean;
  streamReader(): StreamReader | undefined;
  complete(body: unknown): void;
  fail(error: unknown, facts?: ResponseFacts): void;
  end(outcome: Outcome, facts?: ResponseFacts, now?: number): void;
}
