/**
 * Counts what the AI SDK's models do. A model's own method is patched where it stands, on its class or on an object that
 * somebody wrote, when a model of that kind is used for the first time: no provider has to be known by name.
 */
import { type Span, trace } from '@opentelemetry/api';
import type { Call } from '../../call/call.ts';
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { currentCall } from '../../call/runtime.ts';
import { isPatched, type PlainTarget, patchPlain } from '../../patching/plain.ts';
import { holderOf } from '../../patching/sdk.ts';
import { bag } from '../../providers/read.ts';
import { languageContent } from './content.ts';
import { embeddingRequest, invocation, languageRequest, modelEndpoint } from './request.ts';
import { type Api, apiOf, readResult } from './response.ts';
import { partReader, settleStream } from './stream.ts';
import type { Invocation, Model } from './types.ts';

export type Kind = 'language' | 'embedding';

type TargetOf = (name: string, api: Api | undefined) => PlainTarget;

/** By kind: the methods that make a request. */
const TARGETS: Readonly<Record<Kind, readonly (readonly [name: string, of: TargetOf])[]>> = {
  language: [
    [
      'doGenerate',
      (name, api) => target(name, language(name, languageRequest(false), api), (value, call) => call.complete(value)),
    ],
    ['doStream', (name, api) => target(name, language(name, languageRequest(true), api), settleStream)],
  ],
  embedding: [
    [
      'doEmbed',
      (name) => target(name, method(name, embeddingRequest, EMBEDDING), (value, call) => call.complete(value)),
    ],
  ],
};

const EMBEDDING: Api = { api: 'embeddings', usage: 'usage' };

/** Models that pass a request on to another model, changed by the app's middleware or not at all. */
const wrappers = new WeakSet<object>();

export function isWrapper(model: object): void {
  wrappers.add(model);
}

/** Patches the methods of a model, once for its class: it is asked with every call of the app's. */
export function countModel(model: unknown, kind: Kind): void {
  if (typeof model !== 'object' || model === null || wrappers.has(model)) return;
  guard(() => {
    for (const [name, targetOf] of TARGETS[kind]) {
      if (isPatched(model, name)) continue;
      patchPlain(holderOf(model, name), targetOf(name, apiOf((model as Model).provider)));
    }
  });
}

function method(name: string, request: Method['request'], api: Api | undefined): Method {
  return {
    name,
    request,
    response: (result, endpoint) => readResult(result, api, endpoint),
    stream: (endpoint) => partReader(api, endpoint),
    inputCharacters: (value) => countCharacters((value as Invocation).options.prompt),
  };
}

function language(name: string, request: Method['request'], api: Api | undefined): Method {
  return { ...method(name, request, api), content: languageContent };
}

function target(name: string, call: Method, settle: PlainTarget['settle']): PlainTarget {
  return {
    method: name,
    call,
    settle,
    awaited: 'inner',
    params: invocation,
    endpoint: modelEndpoint,
    // A model that asks another one, such as one that falls back, counts once.
    counts: () => currentCall()?.ended !== false,
    adoptsNativeSpan,
  };
}

/** The span that the AI SDK has opened for this very call, where its own telemetry is on. */
function adoptsNativeSpan(_: unknown, call: Call): boolean {
  const span = trace.getActiveSpan();
  if (!span?.isRecording() || !isModelCall(span)) return false;
  call.adoptSpan(span, () => {});
  return true;
}

const OF_MODEL_CALL = /^ai\..*\.do(Generate|Stream|Embed)$/;

/** By its name in `ai` 5 and 6; by what `@ai-sdk/otel` says of it in 7. */
function isModelCall(span: Span): boolean {
  const { name, attributes } = span as { name?: unknown; attributes?: unknown };
  if (typeof name === 'string' && OF_MODEL_CALL.test(name)) return true;
  const operation = bag(attributes)?.['gen_ai.operation.name'];
  return operation === 'chat' || operation === 'embeddings';
}
