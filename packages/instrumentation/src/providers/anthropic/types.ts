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
