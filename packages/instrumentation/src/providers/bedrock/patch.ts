/**
 * @aws-sdk/client-bedrock-runtime 3: what is patched. Every call goes through `send` of the client, which its class
 * inherits from the one of all AWS clients: it gets a `send` of its own, so that the others are left alone.
 */
import { PROVIDER } from '@tokenmeter/semconv';
import { alike } from '../../call/alike.ts';
import type { Endpoint, Method } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { isAsyncIterable, observeIterable } from '../../call/observe-iterable.ts';
import type { Settle } from '../../call/observe-plain.ts';
import { patchPlain } from '../../patching/plain.ts';
import { exportedClass, type OwnSdk } from '../../patching/sdk.ts';
import { endpointAt } from '../endpoint.ts';
import { bag } from '../read.ts';
import { converseContent } from './content.ts';
import { invokeContent } from './invoke-content.ts';
import { converseCharacters, converseRequest, invokeCharacters, invokeRequest } from './request.ts';
import { readConverse, readInvoke } from './response.ts';
import { converseReader, invokeReader } from './stream.ts';
import { headersOf, watchHandler } from './transport.ts';
import type { Client, Command, CommandClass } from './types.ts';

/** What is read of a call's arguments. */
interface Asked {
  readonly input?: unknown;
  readonly abortSignal?: AbortSignal;
}

/** A stream that the app aborts ends with an error of the socket. */
const aborted = (params: unknown): boolean => (params as Asked).abortSignal?.aborted === true;

const of =
  <T>(read: (input: unknown) => T) =>
  (params: unknown): T =>
    read((params as Asked).input);

const converse: Omit<Method, 'name' | 'request'> = {
  aborted,
  response: readConverse,
  stream: converseReader,
  inputCharacters: of(converseCharacters),
  content: { ...converseContent, request: of(converseContent.request) },
};

const invoke: Omit<Method, 'name' | 'request'> = {
  aborted,
  response: readInvoke,
  stream: invokeReader,
  inputCharacters: of(invokeCharacters),
  content: { ...invokeContent, request: of(invokeContent.request) },
};

const CONVERSE: Method = { ...converse, name: 'Converse', request: of(converseRequest(false)) };

/** By the name of the command's class. */
const COMMANDS: Readonly<Record<string, Method>> = {
  ConverseCommand: CONVERSE,
  ConverseStreamCommand: { ...converse, name: 'ConverseStream', request: of(converseRequest(true)) },
  InvokeModelCommand: { ...invoke, name: 'InvokeModel', request: of(invokeRequest(false)) },
  InvokeModelWithResponseStreamCommand: {
    ...invoke,
    name: 'InvokeModelWithResponseStream',
    request: of(invokeRequest(true)),
  },
};

/** The stream stands in the output: in `stream` of Converse, in `body` of InvokeModel. */
const settle: Settle = (value, call) => {
  const output = bag(value) ?? {};
  const stream = [output.stream, output.body].find(isAsyncIterable);
  if (stream) observeIterable(stream, call);
  else call.complete({ ...output, headers: headersOf(call) });
};

/** What is known before the request is made; the handler knows better. */
function endpoint(client: unknown): Endpoint {
  const { initConfig } = client as Client;
  if (typeof initConfig?.endpoint === 'string') return endpointAt(initConfig.endpoint, PROVIDER.bedrock);
  const region = typeof initConfig?.region === 'string' ? initConfig.region : process.env.AWS_REGION;
  if (!region) return { provider: PROVIDER.bedrock };
  return { provider: PROVIDER.bedrock, address: `bedrock-runtime.${region}.amazonaws.com`, port: 443 };
}

type Send = (this: unknown, ...args: unknown[]) => unknown;
type Prototype = { send: Send };

export const bedrock: OwnSdk = {
  name: '@aws-sdk/client-bedrock-runtime',
  tested: { from: '3.1164.0', to: '3.1164.0' },
  patch(exported) {
    const prototype = exportedClass(exported, 'BedrockRuntimeClient')?.prototype as Prototype | undefined;
    if (!prototype) return undefined;
    const known = Object.entries(COMMANDS).flatMap(([name, method]) => {
      const Class = bag(exported)?.[name];
      return typeof Class === 'function' ? [[Class as CommandClass, method] as const] : [];
    });
    // By name where only the client was handed over.
    const select = ([command]: readonly unknown[]): Method | undefined =>
      known.find(([Class]) => command instanceof Class)?.[1] ?? COMMANDS[bag(command)?.constructor.name ?? ''];
    const names = Object.values(COMMANDS).map(({ name }) => name);
    if (Object.hasOwn(prototype, 'send')) return names;
    ownSend(prototype);
    patchPlain(prototype, {
      method: 'send',
      call: CONVERSE,
      select,
      params: (_client, [command, options]): Asked => ({
        input: (command as Command).input,
        abortSignal: (options as Asked | undefined)?.abortSignal,
      }),
      endpoint,
      prepare: (client) => watchHandler(client as Client),
      awaited: 'outer',
      settle,
    });
    takeCallbacks(prototype, select);
    return names;
  },
};

/** Calls what the class inherits at that moment: others may patch it there. */
function ownSend(prototype: Prototype): void {
  const inherited = (): Prototype => Object.getPrototypeOf(prototype);
  const send: Send = function (...args) {
    return inherited().send.apply(this, args);
  };
  const value = alike(send, inherited().send);
  Object.defineProperty(prototype, 'send', { value, writable: true, configurable: true });
}

type Callback = (error: unknown, output?: unknown) => void;

/** `send` with a callback does what it does with a promise, and hands over the end of it. */
function takeCallbacks(prototype: Prototype, select: (args: readonly unknown[]) => Method | undefined): void {
  const promised = prototype.send;
  const send: Send = function (...args) {
    const [command, options, last] = args;
    const callback = (typeof options === 'function' ? options : last) as Callback | undefined;
    if (!callback || !guard(() => select(args))) return promised.apply(this, args);
    const given = typeof options === 'function' ? [command] : [command, options];
    (promised.apply(this, given) as Promise<unknown>)
      .then(
        (output) => callback(null, output),
        (error) => callback(error),
      )
      .catch(() => {});
    return undefined;
  };
  prototype.send = alike(send, promised);
}
