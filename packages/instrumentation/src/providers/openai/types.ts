/** The slices of OpenAI's bodies and events that we read. Any field may be missing or of another type on a compatible host. */

export interface Choice {
  readonly index?: unknown;
  readonly finish_reason?: unknown;
  /** Legacy completions. */
  readonly text?: unknown;
  readonly delta?: Delta;
}

export interface Delta {
  readonly content?: unknown;
  readonly refusal?: unknown;
  /** Some compatible hosts. */
  readonly reasoning_content?: unknown;
  readonly tool_calls?: readonly { readonly function?: { readonly arguments?: unknown } }[];
}

/** Chat completion, its chunk, legacy completion or embedding list. */
export interface Body {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly choices?: unknown;
  readonly usage?: unknown;
  readonly service_tier?: unknown;
  readonly system_fingerprint?: unknown;
  readonly x_groq?: unknown;
}

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
