/**
 * Where the requests of an AWS client pass: its handler, hooked once per class. There a call learns its attempts, where
 * they really go, and the headers of the answer, which the SDK does not hand out.
 */
import { alike } from '../../call/alike.ts';
import type { Call } from '../../call/call.ts';
import type { Endpoint } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { createMark } from '../../call/mark.ts';
import { currentCall } from '../../call/runtime.ts';
import { holderOf } from '../../patching/sdk.ts';
import type { Client, Handler, HttpRequest, HttpResponse } from './types.ts';

type Headers = NonNullable<HttpResponse['headers']>;

const headers = createMark<Headers>();
const hooked = new WeakSet<object>();

/** Headers of the last answer to a call. */
export function headersOf(call: Call): Headers | undefined {
  return headers.get(call);
}

export function watchHandler({ config }: Client): void {
  const holder = holderOf(config?.requestHandler, 'handle') as Handler | undefined;
  if (!holder || hooked.has(holder)) return;
  hooked.add(holder);
  const { handle } = holder;
  const watched: Handler['handle'] = function (request, ...rest) {
    const call = currentCall();
    if (!call || call.ended) return handle.call(this, request, ...rest);
    guard(() => sent(call, request));
    const answer = handle.call(this, request, ...rest);
    // The SDK awaits this promise, so a handler on it hides no rejection.
    answer.then(
      ({ response }) => guard(() => answered(call, response)),
      () => {},
    );
    return answer;
  };
  holder.handle = alike(watched, handle);
}

function sent(call: Call, { protocol, hostname, port }: HttpRequest): void {
  call.attempt();
  if (typeof hostname !== 'string') return;
  const { provider } = call.endpoint;
  call.endpoint = { provider, address: hostname, port: portOf(protocol, port) };
}

function portOf(protocol: unknown, port: unknown): Endpoint['port'] {
  if (typeof port === 'number') return port;
  return protocol === 'http:' ? 80 : 443;
}

function answered(call: Call, response: HttpResponse | undefined): void {
  if (typeof response?.statusCode === 'number') call.answered(response.statusCode);
  if (response?.headers) headers.set(call, response.headers);
}
