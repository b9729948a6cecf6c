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
}

/** Event of a Responses stream. */
export interface ResponseEvent {
  readonly type?: unknown;
  /** Of an error event. */
  readonly code?: unknown;
  readonly delta?: unknown;
  readonly response?: ResponseBody;
}
