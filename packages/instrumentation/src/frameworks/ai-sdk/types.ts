/** The slices of `ai` and of its models (specifications 2 to 4) that we read. */

/** A model of a provider, or one that somebody wrote. */
export interface Model {
  readonly provider?: unknown;
  readonly modelId?: unknown;
  /** Of the models in `@ai-sdk/*`; it says where requests go. */
  readonly config?: unknown;
}

/** An invocation of a model's method. */
export interface Invocation {
  readonly model: Model;
  /** Prompt and settings. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What `doStream` gives. */
export interface StreamResult {
  stream?: unknown;
}
