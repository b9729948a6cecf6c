/** The slices of OpenAI's own APIs, and of the SDK's sockets, that we use. */

/** Response of the Responses API. */
export interface ResponseBody {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly status?: unknown;
  readonly error?: { readonly code?: unknown } | null;
  readonly incomplete_details?: { readonly reason?: unknown } | null;
  readonly usage?: unknown;
  readonly service_tier?: unknown;
  readonly background?: unknown;
  readonly created_at?: unknown;
  readonly completed_at?: unknown;
}

/** Event of a Responses stream. */
export interface ResponseEvent {
  readonly type?: unknown;
  /** Of an error event; over a WebSocket with a status and the error as an object. */
  readonly code?: unknown;
  readonly status?: unknown;
  readonly error?: { readonly code?: unknown; readonly type?: unknown } | null;
  readonly delta?: unknown;
  readonly response?: ResponseBody;
}

/** Batch. */
export interface BatchBody {
  readonly id?: unknown;
  readonly status?: unknown;
  /** Path of the API that its requests went to. */
  readonly endpoint?: unknown;
  /** Of newer batches, where all requests name the same. */
  readonly model?: unknown;
  readonly usage?: unknown;
  readonly request_counts?: { readonly completed?: unknown } | null;
  readonly created_at?: unknown;
  readonly completed_at?: unknown;
  readonly expired_at?: unknown;
  readonly cancelled_at?: unknown;
}

/** Response of a realtime session. */
export interface RealtimeResponse {
  readonly id?: unknown;
  /** `null`: it is outside of the conversation. */
  readonly conversation_id?: unknown;
  readonly output?: unknown;
  readonly status?: unknown;
  readonly status_details?: {
    readonly reason?: unknown;
    readonly error?: { readonly code?: unknown; readonly type?: unknown } | null;
  } | null;
}

/** Event of a realtime session. */
export interface RealtimeEvent {
  readonly type?: unknown;
  readonly response?: RealtimeResponse;
  readonly response_id?: unknown;
  readonly item_id?: unknown;
  readonly item?: unknown;
  readonly transcript?: unknown;
  readonly delta?: unknown;
  readonly error?: unknown;
  readonly session?: {
    readonly model?: unknown;
    readonly instructions?: unknown;
    readonly tools?: unknown;
    readonly audio?: { readonly input?: { readonly transcription?: { readonly model?: unknown } | null } };
    readonly input_audio_transcription?: { readonly model?: unknown } | null;
  };
}

/** What a socket of the SDK sends and receives by: of `ws`, of the platform, or an adapter around one. */
export interface Transport {
  readonly readyState?: number;
  addEventListener?(name: 'close', listener: (event: { readonly code?: unknown }) => void): void;
}

/** A socket of the SDK. */
export interface Socket {
  readonly url?: unknown;
  readonly socket?: Transport;
  /** Of the sockets that know their client. */
  readonly _client?: unknown;
  send(event: unknown, ...rest: unknown[]): unknown;
  /** Tells the app. */
  _emit(name: unknown, ...args: unknown[]): unknown;
  /** Tells the app of an error: of an event, or of the SDK itself. */
  _onError(event: unknown, ...rest: unknown[]): unknown;
}

/** What is known of one socket. */
export interface SocketSession {
  /** It has got a transport. */
  connected?(): void;
  /** What the server sent. */
  message(event: unknown): void;
  /** The connection is lost, and will be made again. */
  interrupted(): void;
  /** It will not. `unsent`: what was never sent. */
  closed(code: unknown, unsent: unknown): void;
}
