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
}

/**
 * Asked before a call. It returns undefined to allow the call, or the error with which the SDK's own promise rejects.
 * It is synchronous, must not throw, and a throw counts as "allow".
 */
export type Admission = (request: CallRequest) => Error | undefined;

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
