/** The slices of Anthropic's bodies and events that we read. */

export interface Message {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly stop_reason?: unknown;
  readonly usage?: unknown;
}

/** Event of a message stream. */
export interface MessageEvent {
  readonly type?: unknown;
  readonly message?: Message;
  readonly delta?: {
    readonly stop_reason?: unknown;
    readonly text?: unknown;
    readonly thinking?: unknown;
    readonly partial_json?: unknown;
  };
  readonly usage?: unknown;
}

/** A line of a batch's results. Only what succeeded was billed. */
export interface BatchLine {
  readonly result?: { readonly type?: unknown; readonly message?: Message };
}

/** A managed session, or a thread of one. */
export interface AgentHolder {
  readonly id?: unknown;
  readonly agent?: { readonly model?: { readonly id?: unknown; readonly inference_geo?: unknown } | null } | null;
}

/** Event of a managed session. */
export interface SessionEvent {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly is_error?: unknown;
  readonly model_request_start_id?: unknown;
  readonly model_usage?: unknown;
  readonly processed_at?: unknown;
}
