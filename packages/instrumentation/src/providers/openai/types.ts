/** The slices of OpenAI's own Responses API that we read. */

/** Response of the Responses API. */
export interface ResponseBody {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly status?: unknown;
  readonly error?: { readonly code?: unknown } | null;
  readonly incomplete_details?: { readonly reason?: unknown } | null;
  readonly usage?: unknown;
  readonly service_tier?: unknown;
  readonly background?: unknown;
  readonly created_at?: unknown;
  readonly completed_at?: unknown;
}

/** Event of a Responses stream. */
export interface ResponseEvent {
  readonly type?: unknown;
  /** Of an error event. */
  readonly code?: unknown;
  readonly delta?: unknown;
  readonly response?: ResponseBody;
}

/** Batch. */
export interface BatchBody {
  readonly id?: unknown;
  readonly status?: unknown;
  /** Path of the API that its requests went to. */
  readonly endpoint?: unknown;
  /** Of newer batches, where all requests name the same. */
  readonly model?: unknown;
  readonly usage?: unknown;
  readonly request_counts?: { readonly completed?: unknown } | null;
  readonly created_at?: unknown;
  readonly completed_at?: unknown;
  readonly expired_at?: unknown;
  readonly cancelled_at?: unknown;
}
