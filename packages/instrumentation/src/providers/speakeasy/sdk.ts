/**
 * SDKs that Speakeasy generated. Their resource classes are not exported: a client that is thrown away shows them. Each
 * attempt of a call passes the `request` of the exported `HTTPClient`.
 */
import { alike } from '../../call/alike.ts';
import { guard } from '../../call/guard.ts';
import { settleValue } from '../../call/observe-plain.ts';
import { currentCall } from '../../call/runtime.ts';
import { type PlainTarget, patchPlain } from '../../patching/plain.ts';
import { exportedClass, holderOf } from '../../patching/sdk.ts';
import { endpointAt } from '../endpoint.ts';
import { bag } from '../read.ts';
import type { Resource } from './types.ts';

export interface ResourceTarget extends Pick<PlainTarget, 'method' | 'call' | 'params'> {
  /** From the client to the resource, e.g. `['chat']`. */
  readonly path: readonly string[];
}

/** What an SDK says of itself. */
export interface SpeakeasySdk extends Pick<PlainTarget, 'adoptsNativeSpan'> {
  readonly className: string;
  /** Where the SDK's own server is the host of. */
  readonly provider: string;
  readonly targets: readonly ResourceTarget[];
  /** Done once, with the client that is thrown away. */
  prepare?(client: Resource): void;
}

/** Patches the SDK in `exported`. Returns the names of the patched methods, or undefined where this is not the SDK. */
export function patchSpeakeasy(exported: unknown, sdk: SpeakeasySdk): readonly string[] | undefined {
  const Client = exportedClass(exported, sdk.className) as (new (options: object) => Resource) | undefined;
  if (!Client) return undefined;
  guard(() => countAttempts(bag(exported)?.HTTPClient));
  const client = guard(() => new Client({ apiKey: 'none' }));
  if (!client) return [];
  guard(() => sdk.prepare?.(client));
  return sdk.targets.filter((target) => guard(() => patchTarget(client, sdk, target))).map(({ call }) => call.name);
}

function patchTarget(client: Resource, sdk: SpeakeasySdk, { path, ...target }: ResourceTarget): boolean {
  let resource: unknown = client;
  for (const key of path) resource = bag(resource)?.[key];
  return patchPlain(holderOf(bag(resource), target.method), {
    ...target,
    endpoint: (owner) => endpointAt(String((owner as Resource)._baseURL), sdk.provider),
    adoptsNativeSpan: sdk.adoptsNativeSpan,
    awaited: 'outer',
    settle: settleValue,
  });
}

type Request = (this: unknown, request: unknown) => Promise<{ readonly status: number }>;

const counted = new WeakSet<object>();

/** The SDK awaits what `request` returns, so a handler on it hides no rejection. */
function countAttempts(HttpClient: unknown): void {
  const prototype = (HttpClient as { prototype?: { request?: Request } } | undefined)?.prototype;
  const { request } = prototype ?? {};
  if (!prototype || !request || counted.has(prototype)) return;
  counted.add(prototype);
  prototype.request = alike(
    function (this: unknown, sent) {
      const call = currentCall();
      if (!call || call.ended) return request.call(this, sent);
      call.attempt();
      const response = request.call(this, sent);
      response.then(
        ({ status }) => call.answered(status),
        () => {},
      );
      return response;
    } as Request,
    request,
  );
}
