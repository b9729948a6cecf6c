/**
 * The two small interfaces through which the composition root plugs in what stands before and after a call. The
 * instrumentation knows no budget and no ledger: each can be used alone.
 */
import type { Attribution, CallRecord } from '@tokenmeter/ledger';

/** What is known of a call before its request is sent. */
export interface CallRequest {
  readonly operation: string;
  readonly provider: string;
  readonly requestModel?: string;
  readonly serverAddress?: string;
  readonly stream: boolean;
  /** Unix milliseconds. */
  readonly startTime: number;
  readonly attribution: Attribution;
  /** Upper bound of the output, where the request states one. */
  readonly maxOutputTokens?: number;
  /** Characters of the prompt. Walks all of it: for whoever needs an estimate of the input. */
  inputCharacters(): number;
}

/** What an allowed call takes along. */
export interface Permit {
  /** The model to ask for instead of the request's. */
  readonly model?: string;
  /**
   * The decision is still to come: the error with which the SDK's own promise rejects, or undefined. The client's request
   * preparation waits for it, before the first attempt; until then there is no span. It must not reject.
   */
  readonly pending?: Promise<Error | undefined>;
  /** Called once, before the sinks: with the call's record, or without where it was refused in the end. */
  end?(record: CallRecord | undefined): void;
}

/**
 * Asked before a call. It returns undefined or a permit to allow the call, or the error with which the SDK's own promise
 * rejects. It is synchronous, must not throw, and a throw counts as "allow".
 */
export type Admission = (request: CallRequest) => Error | Permit | undefined;

/** Told after a call. It must not keep the record's call alive and must not throw; a throw is swallowed. */
export type Sink = (record: CallRecord) => void;

/**
 * Remembers across processes which answers have been counted that an app may read again: of a background response, a
 * batch. Synchronous, and must not throw; a throw counts as "not seen".
 */
export interface SeenAnswers {
  /** True the first time that anybody asks for this id; it is remembered from then on. */
  claim(id: string): boolean;
  has(id: string): boolean;
}
