/**
 * Hooks on the SDK's `ApiClient`, once per class: where a call's attempts pass, and where the wire still says what some
 * versions drop. The class is not exported; it is reached through the client that a resource holds.
 */
import { alike } from '../../call/alike.ts';
import type { Call } from '../../call/call.ts';
import { guard } from '../../call/guard.ts';
import { createMark } from '../../call/mark.ts';
import { currentCall } from '../../call/runtime.ts';
import { shared } from '../../state.ts';
import type { ApiClient } from './types.ts';

type Send = (...args: unknown[]) => Promise<{ readonly status: number }>;
type ApiCall = ((this: ApiClient, ...args: unknown[]) => ReturnType<Send>) & { readonly length: number };

interface HttpResponse {
  readonly headers?: object;
  json(): Promise<unknown>;
}

interface ApiClientPrototype {
  apiCall?: ApiCall;
  request?: (this: unknown, ...args: unknown[]) => Promise<HttpResponse>;
}

/** Where `apiCall` of 2.x and 3.x takes the function that makes an attempt. */
const FETCH = 5;

const hooked = shared('google.apiClients', () => new WeakSet<object>());

/** On the headers of an answer, which the SDK hands on: the usage that stood in its body. */
const dropped = shared('google.droppedUsage', () => createMark<unknown>());

export function droppedUsage(headers: object | undefined): unknown {
  return headers && dropped.get(headers);
}

/** From here on the attempts of `call` are counted. */
export function watchAttempts(client: ApiClient | undefined, call: Call): void {
  if (!client) return;
  const prototype = Object.getPrototypeOf(client) as ApiClientPrototype;
  if (!hooked.has(prototype)) {
    hooked.add(prototype);
    hookApiCall(prototype);
    hookRequest(prototype);
  }
  if (prototype.apiCall) call.attempts = 0;
}

function hookApiCall(prototype: ApiClientPrototype): void {
  const { apiCall } = prototype;
  if (!apiCall) return;
  const takesFetch = apiCall.length === FETCH + 1;
  const hook: ApiCall = function (...args) {
    const call = currentCall();
    if (!call || call.ended) return apiCall.apply(this, args);
    if (takesFetch) {
      args[FETCH] = counted((args[FETCH] as Send | undefined) ?? (fetch as unknown as Send), call);
      return apiCall.apply(this, args);
    }
    return countedAsOne(apiCall.apply(this, args), this, call);
  };
  prototype.apiCall = alike(hook, apiCall);
}

/** The SDK awaits each attempt, so a handler on it hides no rejection. */
function counted(send: Send, call: Call): Send {
  return (...args) => {
    call.attempt();
    const response = send(...args);
    guard(() => answered(response, call));
    return response;
  };
}

/** 1.x: one request, unless it was told to retry; then nobody can see how many. */
function countedAsOne(response: ReturnType<Send>, client: ApiClient, call: Call): ReturnType<Send> {
  guard(() => {
    if (client.clientOptions?.httpOptions?.retryOptions) call.attempts = undefined;
    else call.attempt();
    answered(response, call);
  });
  return response;
}

function answered(response: ReturnType<Send>, call: Call): void {
  response.then(
    ({ status }) => call.answered(status),
    () => {},
  );
}

function hookRequest(prototype: ApiClientPrototype): void {
  const { request } = prototype;
  if (!request) return;
  const hook: NonNullable<typeof request> = function (...args) {
    const pending = request.apply(this, args);
    if (currentCall()?.request.operation === 'embeddings') {
      pending.then(
        (response) => guard(() => keepUsage(response)),
        () => {},
      );
    }
    return pending;
  };
  prototype.request = alike(hook, request);
}

function keepUsage(response: HttpResponse): void {
  const { headers } = response;
  if (!headers) return;
  const json = response.json;
  response.json = alike(function (this: HttpResponse) {
    const body = json.call(this);
    body.then(
      (value) => guard(() => dropped.set(headers, (value as { usageMetadata?: unknown } | null)?.usageMetadata)),
      () => {},
    );
    return body;
  }, json);
}
