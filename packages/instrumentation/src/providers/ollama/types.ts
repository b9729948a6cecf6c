/** The slices of Ollama's client and bodies that we read. */

export interface Client {
  readonly config?: { readonly host?: unknown };
}

/** What a streaming method resolves to. */
export interface AnswerStream {
  readonly abortController?: AbortController;
}

/** An answer, or a line of its stream; the last one is `done` and has the counts. */
export interface Body {
  readonly model?: unknown;
  readonly done?: unknown;
  readonly done_reason?: unknown;
  /** `chat`. */
  readonly message?: { readonly content?: unknown; readonly thinking?: unknown };
  /** `generate`. */
  readonly response?: unknown;
  readonly thinking?: unknown;
}
