/**
 * Live sessions. A session is no call: each turn of the model is one, from its first output to the message that says what
 * the turn used. A turn that the session's end cuts off was perhaps billed, and nobody says how much.
 *
 * We are told of each message before the app is. Neither its callbacks nor its parameters are changed or copied: the SDK
 * reads the former late and writes to the latter, and both may be frozen.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { alike } from '../../call/alike.ts';
import { Call } from '../../call/call.ts';
import type { Endpoint, Method, StreamReader } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { runtime } from '../../call/runtime.ts';
import { shared } from '../../state.ts';
import { dataOf, list } from '../read.ts';
import { endByClose } from '../socket-close.ts';
import { clientEndpoint } from './endpoint.ts';
import { LiveConversation, turnContent } from './live-content.ts';
import { generation } from './request.ts';
import { readUsage } from './response.ts';
import { contentReader } from './stream.ts';
import type { LiveMessage, Resource } from './types.ts';

const turn: Method = {
  name: 'live.connect',
  request(params) {
    const { model, config } = dataOf(params) ?? {};
    return generation(model, dataOf(config) ?? {}, true);
  },
  response: readUsage('live'),
  stream: contentReader,
  inputCharacters: () => 0,
  content: turnContent,
};

interface Turn {
  readonly call: Call;
  /** For what is said alone: the last message has all facts. */
  readonly reader: StreamReader | undefined;
}

/** The calls of one session, one after the other. */
class Turns {
  readonly #params: unknown;
  readonly #endpoint: Endpoint;
  /** Calls belong to whom the session belongs to, whenever their messages come. */
  readonly #inSession = AsyncLocalStorage.snapshot();
  readonly #conversation: LiveConversation | undefined;
  #turn: Turn | undefined;

  constructor(params: unknown, endpoint: Endpoint, conversation: LiveConversation | undefined) {
    this.#params = params;
    this.#endpoint = endpoint;
    this.#conversation = conversation;
  }

  message(message: LiveMessage): void {
    guard(() => this.#conversation?.heard(message));
    const ends = message.usageMetadata != null;
    if (ends || isOutput(message)) this.#turn ??= this.#inSession(() => this.#begin());
    guard(() => this.#turn?.reader?.read(message));
    if (!ends) return;
    this.#turn?.call.complete(message);
    this.#turn = undefined;
  }

  closed(code: unknown): void {
    if (this.#turn) endByClose(this.#turn.call, code);
    this.#turn = undefined;
  }

  #begin(): Turn {
    const { model, config } = dataOf(this.#params) ?? {};
    const call = new Call(turn, { model, config, ...this.#conversation?.ask() }, this.#endpoint);
    guard(() => call.openSpan());
    return { call, reader: this.#conversation && call.streamReader() };
  }
}

function isOutput({ serverContent, toolCall }: LiveMessage): boolean {
  return (
    list(serverContent?.modelTurn?.parts).length > 0 || serverContent?.outputTranscription != null || toolCall != null
  );
}

type Callback = (event: unknown) => unknown;
type Connect = (this: unknown, params: object, ...rest: unknown[]) => unknown;

const hooked = shared('google.live', () => new WeakSet<object>());

/** Watches the sessions that the class `Live` opens. False where it opens none. */
export function hookLive(prototype: unknown): boolean {
  const live = prototype as { connect?: Connect } | undefined;
  const connect = live?.connect;
  if (!live || !connect) return false;
  if (hooked.has(live)) return true;
  hooked.add(live);
  const observed: Connect = function (params, ...rest) {
    const conversation = runtime.options.content && new LiveConversation();
    const owner = (conversation && guard(() => listening(this as Sockets, conversation))) ?? this;
    return connect.call(owner, guard(() => observe(this, params, conversation)) ?? params, ...rest);
  };
  live.connect = alike(observed, connect);
  return true;
}

interface Sockets {
  readonly webSocketFactory?: { create(...args: unknown[]): Socket };
}

interface Socket {
  send(json: string): unknown;
}

/** The same `Live`, on whose sockets we hear what goes out. Only where somebody opted in to content. */
function listening(live: Sockets, conversation: LiveConversation): Sockets {
  const { webSocketFactory: factory } = live;
  if (!factory) return live;
  const create = (...args: unknown[]): Socket => {
    const socket = factory.create(...args);
    guard(() => listen(socket, conversation));
    return socket;
  };
  return Object.create(live as object, { webSocketFactory: { value: { create } } });
}

function listen(socket: Socket, conversation: LiveConversation): void {
  const { send } = socket;
  const heard: Socket['send'] = (json) => {
    guard(() => conversation.sent(json));
    return send.call(socket, json);
  };
  socket.send = alike(heard, send);
}

function observe(owner: unknown, params: object, conversation: LiveConversation | undefined): object {
  const { callbacks } = params as { callbacks?: object };
  if (!callbacks) return params;
  const turns = new Turns(params, clientEndpoint((owner as Resource).apiClient), conversation);
  const own = (name: string) => Reflect.get(callbacks, name) as Callback | undefined;
  const preceded = (name: string, before: (event: unknown) => void) => (event: unknown) => {
    guard(() => before(event));
    return own(name)?.call(callbacks, event);
  };
  return withCallbacks(params, {
    get onopen() {
      return own('onopen')?.bind(callbacks);
    },
    get onerror() {
      return own('onerror')?.bind(callbacks);
    },
    onmessage: preceded('onmessage', (event) => turns.message(event as LiveMessage)),
    onclose: preceded('onclose', (event) => turns.closed((event as { code?: unknown } | undefined)?.code)),
  });
}

/** The app's own parameters, read and written, but for the callbacks. */
function withCallbacks(params: object, callbacks: object): object {
  const read = (key: PropertyKey): unknown => (key === 'callbacks' ? callbacks : Reflect.get(params, key));
  return new Proxy(
    {},
    {
      get: (_, key) => read(key),
      set: (_, key, value) => Reflect.set(params, key, value),
      has: (_, key) => Reflect.has(params, key),
      ownKeys: () => Reflect.ownKeys(params),
      getOwnPropertyDescriptor: (_, key) =>
        Object.hasOwn(params, key)
          ? { value: read(key), writable: true, enumerable: true, configurable: true }
          : undefined,
    },
  );
}
