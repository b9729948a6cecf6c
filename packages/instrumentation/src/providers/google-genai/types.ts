/** The slices of @google/genai that we read: its clients, and the answers of the Gemini API and of Vertex AI. */

/** What every resource of a client shares. It is internal to the SDK, and reached through a resource only. */
export interface ApiClient {
  readonly clientOptions?: {
    readonly vertexai?: unknown;
    readonly httpOptions?: { readonly baseUrl?: unknown; readonly retryOptions?: unknown };
  };
}

/** `models`, `live`. */
export interface Resource {
  readonly apiClient?: ApiClient;
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
