/**
 * Responses over a WebSocket. Each `response.create` that the app sends is a call, which belongs to whom it was sent for.
 * The provider answers in the order of the requests, within a lane (`stream_id`): the first that waits is the one that
 * `response.created` begins, and all that comes until its last event is of it.
 *
 * A call waits until its response has begun, and is current until that has ended. A connection that is lost ends all but
 * those that the SDK still holds back.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { begin } from '../../call/begin.ts';
import { Call } from '../../call/call.ts';
import type { Endpoint, Method, StreamReader } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { bag, list, number, text } from '../read.ts';
import { endByClose } from '../socket-close.ts';
import { clientEndpoint } from './endpoint.ts';
import { responses } from './methods.ts';
import { FINISHED } from './stream.ts';
import type { ResponseEvent, Socket, SocketSession } from './types.ts';

/** Every response is a stream here, and the request does not say so. */
const method: Method = {
  ...responses,
  name: 'responses over WebSocket',
  request: (params) => responses.request({ ...bag(params), stream: true }),
};

/** `readyState` of a transport that takes messages. */
const OPEN = 1;

interface Waiting {
  readonly lane: string;
  readonly call: Call;
  /** The SDK holds the message back until there is a connection. */
  held: boolean;
}

interface Current {
  readonly call: Call;
  readonly reader: StreamReader | undefined;
}

export class ResponsesSession implements SocketSession {
  readonly #socket: Socket;
  readonly #endpoint: Endpoint;
  readonly #inSession = AsyncLocalStorage.snapshot();
  #waiting: Waiting[] = [];
  readonly #current = new Map<string, Current>();
  #sending: Call | undefined;
  /** Settles when the last message that is not decided yet has been sent. */
  #turn: Promise<unknown> | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#endpoint = clientEndpoint(socket._client);
  }

  /** The call that a message asks for, decided about or not. */
  request(message: unknown): Call | undefined {
    const event = bag(message);
    if (event?.type !== 'response.create') return undefined;
    const call = begin(new Call(method, event, this.#endpoint));
    if (call.refusal) return call;
    const held = this.#socket.socket?.readyState !== OPEN;
    this.#waiting.push({ lane: laneOf(event), call, held });
    return call;
  }

  /** Runs `go` at once, unless the call is not decided yet, or a message before it is not. */
  inTurn(call: Call | undefined, go: () => unknown): unknown {
    if (!this.#turn && !call?.pending) return go();
    const turn = Promise.all([this.#turn, call?.pending]).then(go);
    this.#turn = turn;
    void turn.finally(() => {
      if (this.#turn === turn) this.#turn = undefined;
    });
    return undefined;
  }

  sending(call: Call | undefined, send: () => unknown): unknown {
    this.#sending = call;
    try {
      return send();
    } finally {
      this.#sending = undefined;
    }
  }

  /** The SDK says that it could not send the message. */
  notSent(): void {
    if (!this.#sending) return;
    this.#sending.attempts = 0;
    this.#sending.end('failed', { error: 'not_sent', outputCharacters: 0 });
  }

  message(value: unknown): void {
    const event = bag(value) as ResponseEvent | undefined;
    if (!event) return;
    for (const waiting of this.#waiting) waiting.held = false;
    const lane = laneOf(event);
    if (event.type === 'error') this.#fail(lane, event);
    else if (event.type === 'response.created') this.#begin(lane, event);
    const current = this.#current.get(lane);
    if (!current) return;
    current.call.firstChunk();
    current.reader?.read(event);
    if (FINISHED.has(event.type)) this.#end(lane, current);
  }

  interrupted(): void {
    this.#lose(undefined);
  }

  /** `unsent`: the messages that the SDK has never sent. */
  closed(code: unknown, unsent: unknown): void {
    const never = list(unsent).filter((one) => bag(bag(one)?.message)?.type === 'response.create').length;
    for (const { call } of never > 0 ? this.#waiting.slice(-never) : []) call.attempts = 0;
    for (const waiting of this.#waiting) waiting.held = false;
    this.#lose(code);
  }

  #lose(code: unknown): void {
    for (const { call, reader } of this.#current.values())
      endByClose(
        call,
        code,
        guard(() => reader?.facts()),
      );
    this.#current.clear();
    const lost = this.#waiting.filter(({ held }) => !held);
    this.#waiting = this.#waiting.filter(({ held }) => held);
    for (const { call } of lost) endByClose(call, code);
  }

  #begin(lane: string, { response }: ResponseEvent): void {
    const call = this.#next(lane) ?? this.#unasked(response);
    this.#current.set(lane, { call, reader: call.streamReader() });
  }

  /** A message went out past `send`: the response repeats what it was asked. */
  #unasked(response: unknown): Call {
    return this.#inSession(() => {
      const call = new Call(method, response, this.#endpoint);
      guard(() => call.openSpan());
      return call;
    });
  }

  #next(lane: string): Call | undefined {
    this.#waiting = this.#waiting.filter(({ call }) => !call.ended);
    const at = this.#waiting.findIndex((waiting) => waiting.lane === lane);
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0]?.call;
  }

  #end(lane: string, { call, reader }: Current): void {
    this.#current.delete(lane);
    const facts = guard(() => reader?.facts());
    call.end(facts?.error === undefined ? 'completed' : 'failed', facts);
  }

  /** An error of the response that is current, or of the request that would be next. */
  #fail(lane: string, { status, error, code }: ResponseEvent): void {
    const current = this.#current.get(lane);
    this.#current.delete(lane);
    const type = text(error?.code) ?? text(error?.type) ?? text(code) ?? 'error';
    (current?.call ?? this.#next(lane))?.fail({ status: number(status), type });
  }
}

function laneOf(message: object): string {
  return text((message as { stream_id?: unknown }).stream_id) ?? '';
}
