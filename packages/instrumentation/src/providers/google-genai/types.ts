/** The slices of @google/genai that we read: its clients, and the answers of the Gemini API and of Vertex AI. */

/** What every resource of a client shares. It is internal to the SDK, and reached through a resource only. */
export interface ApiClient {
  readonly clientOptions?: {
    readonly vertexai?: unknown;
    readonly httpOptions?: { readonly baseUrl?: unknown; readonly retryOptions?: unknown };
  };
}

/** `models`, `live`: they hold the client; `interactions` calls it its parent. */
export interface Resource {
  readonly apiClient?: ApiClient;
  readonly parentClient?: ApiClient;
}

export interface Part {
  readonly text?: unknown;
  readonly functionCall?: { readonly args?: unknown };
}

export interface Candidate {
  readonly index?: unknown;
  readonly finishReason?: unknown;
  readonly content?: { readonly parts?: unknown };
  readonly groundingMetadata?: { readonly webSearchQueries?: unknown };
}

/** A whole answer of `generateContent`, or a chunk of its stream. */
export interface Content {
  readonly candidates?: unknown;
  readonly modelVersion?: unknown;
  readonly responseId?: unknown;
  readonly promptFeedback?: { readonly blockReason?: unknown };
  readonly usageMetadata?: unknown;
  readonly sdkHttpResponse?: { readonly headers?: object };
}

/** An interaction, whole or inside an event. */
export interface Interaction {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly agent?: unknown;
  readonly status?: unknown;
  readonly usage?: unknown;
}

/** Event of an interaction's stream; 1.x has other names for some. */
export interface InteractionEvent {
  readonly event_type?: unknown;
  readonly interaction?: Interaction;
  readonly delta?: { readonly text?: unknown };
  readonly error?: { readonly code?: unknown };
}

/** What the server of a live session says. */
export interface LiveMessage {
  readonly usageMetadata?: unknown;
  readonly toolCall?: { readonly functionCalls?: unknown } | null;
  readonly serverContent?: {
    readonly modelTurn?: { readonly parts?: unknown };
    readonly inputTranscription?: { readonly text?: unknown } | null;
    readonly outputTranscription?: { readonly text?: unknown } | null;
    readonly generationComplete?: unknown;
    readonly interrupted?: unknown;
    readonly turnComplete?: unknown;
    readonly turnCompleteReason?: unknown;
  };
}
