/**
 * The SDK's own tracing, off unless the user chose it: by `MISTRAL_SDK_TELEMETRY`, `configureTelemetry` or
 * `setTracerProvider`. Where its spans go to the app's own pipeline they stay, and a call adopts the one of its first
 * attempt. `dedicated` sends spans to Mistral alone, so there ours stands beside.
 */
import type { Span } from '@opentelemetry/api';
import { alike } from '../../call/alike.ts';
import type { Call } from '../../call/call.ts';
import { guard } from '../../call/guard.ts';
import { currentCall } from '../../call/runtime.ts';
import { holdEnd } from '../native-span.ts';
import type { Resource } from '../speakeasy/types.ts';

/** The slice of the SDK's tracing hook that decides. */
interface TracingHook {
  readonly _mistralTracingHook?: boolean;
  readonly tracerProvider?: unknown;
  readonly _autoTelemetryProvider?: unknown;
  readonly _telemetryUseGlobalProvider?: boolean;
  beforeRequest(this: unknown, context: { readonly _tracingSpan?: Span }, ...rest: unknown[]): Promise<unknown>;
}

/** Calls that have no span yet. */
const waiting = new WeakSet<Call>();
const hooked = new WeakSet<object>();

/** Watches the hook's class for the spans that it makes. */
export function watchNativeSpans(client: Resource): void {
  const hook = tracingHookOf(client);
  const prototype = hook && (Object.getPrototypeOf(hook) as TracingHook);
  if (!prototype || hooked.has(prototype)) return;
  hooked.add(prototype);
  const { beforeRequest } = prototype;
  prototype.beforeRequest = alike(
    function (context, ...rest) {
      const done = beforeRequest.call(this, context, ...rest);
      // The SDK awaits this promise; our handler runs before it goes on.
      done.then(
        () => guard(() => settleSpan(context._tracingSpan)),
        () => {},
      );
      return done;
    } as TracingHook['beforeRequest'],
    beforeRequest,
  );
}

/** Whether the call's span is to be the SDK's own. */
export function adoptsNativeSpan(resource: unknown, call: Call): boolean {
  const hook = tracingHookOf(resource as Resource);
  if (!hook || !chosenByUser(hook)) return false;
  waiting.add(call);
  return true;
}

function chosenByUser({ tracerProvider, _autoTelemetryProvider, _telemetryUseGlobalProvider }: TracingHook): boolean {
  if (_telemetryUseGlobalProvider) return true;
  if (tracerProvider !== undefined && tracerProvider !== _autoTelemetryProvider) return true;
  return process.env.MISTRAL_SDK_TELEMETRY?.trim().toLowerCase() === 'global';
}

/** The SDK may make none after all, where it finds no OpenTelemetry: then ours is opened. */
function settleSpan(span: Span | undefined): void {
  const call = currentCall();
  if (!call || !waiting.delete(call) || call.ended) return;
  if (!span?.isRecording()) {
    call.openSpan();
    return;
  }
  const hold = holdEnd(span);
  hold.adopted = true;
  call.adoptSpan(span, hold.finish);
}

function tracingHookOf(resource: Resource): TracingHook | undefined {
  const hooks = resource._options?.hooks?.beforeRequestHooks as readonly TracingHook[] | undefined;
  return hooks?.find((hook) => hook._mistralTracingHook === true);
}
