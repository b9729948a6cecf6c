/** The slices of @langchain/core that we read. */

/** `RunnableConfig`. Its `callbacks` are a list, or a manager that knows what callers have said. */
export interface Config {
  readonly callbacks?: unknown;
  readonly metadata?: unknown;
  readonly tags?: unknown;
}

/** `BaseChatModel` or `BaseLLM`. */
export interface Model extends Config {
  getLsParams?(options: unknown): unknown;
}

/** What is handed over of a model's run. */
export interface Run {
  readonly model: string | undefined;
  readonly stream: boolean;
  readonly prompt: unknown;
}
