/**
 * The SDK's own tracing, from 0.134.0: on by default whenever a TracerProvider exists. One call has one span, so ours
 * stands and theirs is switched off per client, by its `_tracer`; unless the user chose theirs, by the `openTelemetry`
 * option or `ANTHROPIC_OPEN_TELEMETRY`. Then theirs stays, and ours adds attributes and metrics only.
 */
import type { Span, Tracer } from '@opentelemetry/api';
import type { Call } from '../../call/call.ts';
import { guard } from '../../call/guard.ts';
import { currentCall } from '../../call/runtime.ts';
import type { SdkClass } from '../../patching/sdk.ts';
import { type Hold, holdEnd } from '../native-span.ts';

/** The slice of a client that decides about its tracing. */
interface Client {
  _tracer?: Tracer;
  readonly openTelemetry?: {
    readonly tracerProvider?: unknown;
    readonly propagation?: unknown;
    readonly traces?: { readonly contentMode?: unknown; readonly maxContentBytes?: unknown };
  };
}

/** What the SDK settles on where neither option nor environment says otherwise. */
const DEFAULT_MAX_CONTENT_BYTES = 750_000;

const settled = new WeakSet<Tracer>();
const holds = new WeakMap<Span, Hold>();

/** Settles `_tracer` when a client is constructed: some helpers start their span before they call `create`. */
export function settleNewClients(sdk: SdkClass): void {
  let root: object = sdk.prototype;
  for (
    let parent = Object.getPrototypeOf(root);
    parent !== Object.prototype && parent;
    parent = Object.getPrototypeOf(parent)
  )
    root = parent;
  if (Object.hasOwn(root, '_tracer')) return;
  Object.defineProperty(root, '_tracer', {
    configurable: true,
    get: () => undefined,
    set(this: Client, tracer: Tracer | undefined) {
      const value = guard(() => settle(this, tracer));
      Object.defineProperty(this, '_tracer', { value, writable: true, enumerable: true, configurable: true });
    },
  });
}

/** Whether the call's span is the SDK's own. A client older than our patch is settled here. */
export function adoptsNativeSpan(client: unknown, call: Call, options: unknown): boolean {
  const own = client as Client | undefined;
  if (!own?._tracer) return false;
  if (!settled.has(own._tracer)) own._tracer = settle(own, own._tracer);
  if (!own._tracer) return false;
  const given = (options as { __span?: { span?: Span } } | undefined)?.__span?.span;
  if (given) adopt(call, given);
  return true;
}

function settle(client: Client, tracer: Tracer | undefined): Tracer | undefined {
  if (!tracer || !chosenByUser(client)) return undefined;
  const observed = Object.create(tracer) as Tracer;
  const startSpan: Tracer['startSpan'] = (...args) => {
    const span = tracer.startSpan(...args);
    guard(() => {
      holds.set(span, holdEnd(span));
      const call = currentCall();
      if (call && !call.ended) adopt(call, span);
    });
    return span;
  };
  observed.startSpan = startSpan;
  settled.add(observed);
  return observed;
}

function chosenByUser({ openTelemetry }: Client): boolean {
  if (process.env.ANTHROPIC_OPEN_TELEMETRY !== undefined) return true;
  const { tracerProvider, propagation, traces } = openTelemetry ?? {};
  return (
    tracerProvider !== undefined ||
    propagation === false ||
    traces?.contentMode === 'content' ||
    traces?.maxContentBytes !== DEFAULT_MAX_CONTENT_BYTES
  );
}

function adopt(call: Call, span: Span): void {
  const hold = holds.get(span);
  if (!hold) return;
  hold.adopted = true;
  call.adoptSpan(span, hold.finish);
}
