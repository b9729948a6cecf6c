/** The slices of the AWS client, its commands, answers and events that we read. */

export type CommandClass = new (input: object) => Command;

export interface Command {
  readonly input?: unknown;
}

export interface Client {
  readonly config?: { readonly requestHandler?: Handler };
  /** As the app gave it: what the SDK made of it is asynchronous. */
  readonly initConfig?: { readonly endpoint?: unknown; readonly region?: unknown };
}

export interface HttpRequest {
  readonly protocol?: unknown;
  readonly hostname?: unknown;
  readonly port?: unknown;
}

export interface HttpResponse {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** What a client sends its requests through. */
export interface Handler {
  handle(this: unknown, request: HttpRequest, ...rest: unknown[]): Promise<{ readonly response?: HttpResponse }>;
}

export interface ConverseInput {
  readonly modelId?: unknown;
  readonly messages?: unknown;
  readonly system?: unknown;
  readonly toolConfig?: unknown;
  readonly inferenceConfig?: unknown;
}

/** Events of ConverseStream, and the chunks of Nova's own stream. */
export interface ConverseEvent {
  readonly contentBlockDelta?: {
    readonly delta?: {
      readonly text?: unknown;
      readonly reasoningContent?: { readonly text?: unknown };
      readonly toolUse?: { readonly input?: unknown };
    };
  };
  readonly messageStop?: { readonly stopReason?: unknown };
  readonly metadata?: unknown;
}
