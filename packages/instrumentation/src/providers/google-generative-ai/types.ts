/** The slices of @google/generative-ai that we read. */

/** A model of the SDK, or a chat with one: what its methods need is kept in the object. */
export interface Owner {
  readonly model?: unknown;
  readonly generationConfig?: unknown;
  readonly systemInstruction?: unknown;
  readonly tools?: unknown;
  /** Of a chat. */
  readonly params?: { readonly generationConfig?: unknown; readonly systemInstruction?: unknown };
  readonly _history?: unknown;
  readonly _requestOptions?: unknown;
}

/** An invocation, with what it takes from its object. */
export interface Invocation {
  readonly model: unknown;
  readonly config: unknown;
  /** Everything that is prompt. */
  readonly prompt: unknown;
  /** Base URL, signal, time-out. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What `generateContent` and `generateContentStream` give; the second one reads its answer at once, whoever listens. */
export interface Result {
  response?: unknown;
  readonly stream?: unknown;
}
