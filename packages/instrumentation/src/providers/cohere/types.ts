/** The slices of Cohere's client, bodies and events that we read, named as its SDK names them. */

export interface Client {
  readonly _options?: { readonly baseUrl?: unknown; readonly environment?: unknown };
}

/** What the SDK's inner methods resolve to. */
export interface WithRawResponse {
  readonly data?: unknown;
}

/** Chat of both versions, embed, rerank. */
export interface Body {
  readonly id?: unknown;
  /** Version 1. */
  readonly responseId?: unknown;
  readonly finishReason?: unknown;
  readonly usage?: unknown;
  readonly meta?: unknown;
}

export interface ChatEvent {
  /** Version 2. */
  readonly type?: unknown;
  readonly id?: unknown;
  readonly delta?: {
    readonly message?: {
      readonly content?: { readonly text?: unknown; readonly thinking?: unknown };
      readonly toolCalls?: { readonly function?: { readonly arguments?: unknown } };
      readonly toolPlan?: unknown;
    };
    readonly finishReason?: unknown;
    readonly error?: unknown;
    readonly usage?: unknown;
  };
  /** Version 1. */
  readonly eventType?: unknown;
  readonly text?: unknown;
  readonly response?: Body;
  readonly finishReason?: unknown;
}
