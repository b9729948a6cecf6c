/** The slices of bodies and events that we read. Any field may be missing or of another type on a compatible host. */

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
