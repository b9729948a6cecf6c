/**
 * The SDK's WebSockets: what is patched of `OpenAIRealtimeWS`, `OpenAIRealtimeWebSocket` and `ResponsesWS`, which are in
 * modules of their own.
 *
 * All of them tell the app by `_emit` of everything that comes, and so they tell us, before the app. Nothing that passes
 * is changed. `session` is what we know of one socket: it begins when the socket gets its transport, in the constructor.
 */
import { alike } from '../../call/alike.ts';
import { guard } from '../../call/guard.ts';
import { holderOf, type SdkDefinition } from '../../patching/sdk.ts';
import { shared } from '../../state.ts';
import { bag } from '../read.ts';
import { RealtimeSession } from './realtime.ts';
import { ResponsesSession } from './responses-socket.ts';
import type { Socket, SocketSession } from './types.ts';

type SocketClass = { readonly prototype: Socket } & Readonly<Record<string, unknown>>;

/** ES module and CommonJS copies are classes of their own. */
const FILES = [
  'realtime/ws',
  'realtime/websocket',
  'beta/realtime/ws',
  'beta/realtime/websocket',
  'resources/responses/ws',
  'resources/beta/responses/ws',
].flatMap((file) => [`${file}.js`, `${file}.mjs`]);

const hooked = shared('openai.sockets', () => new WeakSet<object>());

export const sockets: NonNullable<SdkDefinition['beside']> = {
  files: FILES,
  patch(exported) {
    const candidates = typeof exported === 'function' ? [exported] : Object.values(bag(exported) ?? {});
    const done = candidates.filter(isSocketClass).map((one) => guard(() => hook(one)));
    const names = done.filter((name) => name !== undefined);
    return names.length > 0 ? names : undefined;
  },
};

/** By what it can do: names are lost in a bundle. */
function isSocketClass(value: unknown): value is SocketClass {
  const prototype = typeof value === 'function' ? (value.prototype as Partial<Socket> | undefined) : undefined;
  return ['_emit', '_onError', 'send', 'close'].every(
    (method) => typeof Reflect.get(prototype ?? {}, method) === 'function',
  );
}

/** Realtime sockets, and they alone, have a way to Azure. */
function hook(Class: SocketClass): string | undefined {
  const { prototype } = Class;
  const realtime = typeof Class.azure === 'function';
  const name = realtime ? 'realtime' : 'responses over WebSocket';
  // The class that all sockets of one kind share, and nothing else does.
  const emitter = holderOf(prototype, '_onError') as Socket | undefined;
  if (!emitter) return undefined;
  if (hooked.has(emitter)) return name;
  hooked.add(emitter);
  if (realtime) watch(emitter, (socket) => new RealtimeSession(socket));
  else {
    const sessionOf = watch(emitter, (socket) => new ResponsesSession(socket));
    hookSend(prototype, sessionOf);
  }
  return name;
}

/** Returns what finds the session of a socket. */
function watch<Session extends SocketSession>(
  emitter: Socket,
  create: (socket: Socket) => Session,
): (socket: Socket) => Session {
  const sessions = new WeakMap<Socket, Session>();
  const sessionOf = (socket: Socket): Session => {
    let session = sessions.get(socket);
    if (!session) {
      session = create(socket);
      sessions.set(socket, session);
    }
    return session;
  };
  // The constructor assigns it; from then on it is the instance's own.
  Object.defineProperty(emitter, 'socket', {
    configurable: true,
    get: () => undefined,
    set(this: Socket, transport: unknown) {
      Object.defineProperty(this, 'socket', { value: transport, writable: true, enumerable: true, configurable: true });
      guard(() => sessionOf(this).connected?.());
    },
  });
  const emit = emitter._emit;
  const observed: Socket['_emit'] = function (this: Socket, name, ...args) {
    guard(() => tell(sessionOf(this), name, args));
    return emit.call(this, name, ...args);
  };
  replace(emitter, '_emit', alike(observed, emit));
  return sessionOf;
}

/** Unseen by whoever lists the properties of a socket, as the methods of a class are. */
function replace(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, writable: true, configurable: true, enumerable: false });
}

function tell(session: SocketSession, name: unknown, [first, , third]: readonly unknown[]): void {
  if (name === 'event') session.message(first);
  else if (name === 'reconnecting') session.interrupted();
  else if (name === 'close' && typeof first === 'number') session.closed(first, third);
}

/** A request goes out in its turn: after those that somebody still decides about. */
function hookSend(prototype: Socket, sessionOf: (socket: Socket) => ResponsesSession): void {
  const { send, _onError: onError } = prototype;
  const observedSend: Socket['send'] = function (this: Socket, event, ...rest) {
    const session = sessionOf(this);
    const call = guard(() => session.request(event));
    const go = (): unknown => {
      // The SDK tells of what it could not send by an `error` event, and so do we.
      if (call?.refusal) return onError.call(this, null, call.refusal.message, call.refusal);
      return session.sending(call, () => send.call(this, call?.changedParams ?? event, ...rest));
    };
    return session.inTurn(call, go);
  };
  const observedError: Socket['_onError'] = function (this: Socket, event, ...rest) {
    if (event == null) guard(() => sessionOf(this).notSent());
    return onError.call(this, event, ...rest);
  };
  replace(holderOf(prototype, 'send') ?? prototype, 'send', alike(observedSend, send));
  replace(holderOf(prototype, '_onError') ?? prototype, '_onError', alike(observedError, onError));
}
