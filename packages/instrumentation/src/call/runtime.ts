/**
 * What the whole process shares about calls: who is told of them, what prices them, which are open. It lives once per
 * process, also where the CommonJS and the ES module build are both loaded.
 */
import { context, INVALID_SPAN_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { createPricer, type Pricer } from '@tokenmeter/pricing';
import type { Generation } from '@tokenmeter/semconv';
import { withoutBaggage } from '../attribution/index.ts';
import { Carrier } from '../carrier.ts';
import type { ContentOptions } from '../content/capture.ts';
import { keySetBy, layer } from '../context-layer.ts';
import type { Admission, SeenAnswers, Sink } from '../plugs.ts';
import { shared } from '../state.ts';
import type { Call } from './call.ts';
import type { Endpoint } from './facts.ts';
import { guard } from './guard.ts';
import { OpenCalls } from './open-calls.ts';

export interface RuntimeOptions {
  /** Told of every call when it ends, in this order. */
  readonly sinks?: readonly Sink[];
  /** Asked before every call. Default: every call is allowed. */
  readonly admission?: Admission;
  /** Default: list prices of the bundled book. */
  readonly pricer?: Pricer;
  /** Which generations of the GenAI conventions spans use. Default: the last release. */
  readonly generations?: readonly Generation[];
  /** Whether our metrics leave the process, for `tokenmeter.metered`. Asked at the start of each call. */
  readonly metered?: () => boolean;
  /** Run once, before the first call starts: the moment to join or start an OpenTelemetry SDK. */
  readonly onFirstCall?: () => void;
  /** Asked once the first call has started. Default, and where there is none: what this process has seen itself. */
  readonly seenAnswers?: () => SeenAnswers | undefined;
  /** What is said in calls goes there. Default: nowhere, and nothing of it is read. */
  readonly content?: ContentOptions;
  /** False leaves `stream_options` alone. Default true. */
  readonly includeStreamUsage?: boolean;
}

interface Runtime {
  options: RuntimeOptions;
  started: boolean;
  readonly open: OpenCalls<Call>;
  /** Hosts that refused `stream_options`. */
  readonly withoutStreamUsage: Set<string>;
}

export const runtime: Runtime = shared('runtime', () => ({
  options: {},
  started: false,
  open: new OpenCalls<Call>(),
  withoutStreamUsage: new Set<string>(),
}));

/** Runs what waits for the first call. */
export function startRuntime(): void {
  if (runtime.started) return;
  runtime.started = true;
  guard(() => runtime.options.onFirstCall?.());
}

/** Names a host among those that refused. */
export function hostOf({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}

/** What the code of a call carries. SDKs keep promises, and with them what these carry, for longer than a call lasts. */
export interface Carried {
  /** Until it ends. */
  call: Call | undefined;
}

const calls = new Carrier<Carried>('call');
const SPAN = keySetBy((ear) => trace.setSpan(ear, trace.wrapSpanContext(INVALID_SPAN_CONTEXT)));

/**
 * Runs an SDK's method: its attempts find the call (see {@link currentCall}), `span` is active in it, and no baggage leaves
 * towards the provider.
 */
export function runCall<T>(carried: Carried, span: Span | undefined, method: () => T): T {
  const below = withoutBaggage(context.active());
  return calls.run(span ? layer(below, SPAN, span) : below, carried, method);
}

/** The call whose SDK method the running code belongs to, until it ends. */
export function currentCall(): Call | undefined {
  return calls.current(context.active())?.call;
}

let listPrices: Pricer | undefined;

export function pricer(): Pricer {
  if (runtime.options.pricer) return runtime.options.pricer;
  listPrices ??= createPricer();
  return listPrices;
}

export function configureRuntime(options: RuntimeOptions): void {
  runtime.options = options;
}

/** Ends every open call as `abandoned`: for the exit of the process, before the last ledger write. */
export function endOpenCalls(): void {
  for (const call of runtime.open) call.end('abandoned');
}

/** How many calls are open. */
export function openCallCount(): number {
  return runtime.open.size;
}
