/** The slices that the SDKs by Speakeasy share: clients, and OpenAI's bodies with names in camel case. */

/** A client, and each of its resources. */
export interface Resource {
  readonly _baseURL?: unknown;
  readonly _options?: { readonly hooks?: { readonly beforeRequestHooks?: readonly unknown[] } };
}

export interface Choice {
  readonly index?: unknown;
  readonly finishReason?: unknown;
  readonly delta?: {
    /** A text, or a list of parts. */
    readonly content?: unknown;
    readonly reasoning?: unknown;
    readonly toolCalls?: unknown;
  };
}

/** An answer, or a chunk of its stream. */
export interface Body {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly choices?: unknown;
  readonly usage?: unknown;
}
