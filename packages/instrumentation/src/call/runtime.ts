/**
 * What the whole process shares about calls: who is told of them, what prices them, which are open. It lives once per
 * process, also where the CommonJS and the ES module build are both loaded.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, createContextKey } from '@opentelemetry/api';
import { createPricer, type Pricer } from '@tokenmeter/pricing';
import type { Generation } from '@tokenmeter/semconv';
import type { Admission, Sink } from '../plugs.ts';
import { shared } from '../state.ts';
import type { Call } from './call.ts';
import type { Endpoint } from './facts.ts';

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
  /** False leaves `stream_options` alone. Default true. */
  readonly includeStreamUsage?: boolean;
}

interface Runtime {
  options: RuntimeOptions;
  started: boolean;
  /** The call whose SDK method runs, where there is no OpenTelemetry context manager to carry it. */
  readonly current: AsyncLocalStorage<Call>;
  readonly open: Set<Call>;
  /** Hosts that refused `stream_options`. */
  readonly withoutStreamUsage: Set<string>;
}

export const runtime: Runtime = shared('runtime', () => ({
  options: {},
  started: false,
  current: new AsyncLocalStorage<Call>(),
  open: new Set<Call>(),
  withoutStreamUsage: new Set<string>(),
}));

/** Names a host among those that refused. */
export function hostOf({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}

const CALL_KEY = shared('callKey', () => createContextKey('tokenmeter.call'));

/**
 * Runs an SDK's method in that context, so that its attempts find the call: see {@link currentCall}. An AsyncLocalStorage
 * costs something at every promise of the process once it is in use, so ours is used only where there is no other.
 */
export function runCall<T>(call: Call, within: Context, method: () => T): T {
  const inner = within.setValue(CALL_KEY, call);
  return context.with(inner, () => (context.active() === inner ? method() : runtime.current.run(call, method)));
}

/** The call whose SDK method the running code belongs to. */
export function currentCall(): Call | undefined {
  return (context.active().getValue(CALL_KEY) as Call | undefined) ?? runtime.current.getStore();
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
  for (const call of [...runtime.open]) call.end('abandoned');
}

/** How many calls are open. */
export function openCallCount(): number {
  return runtime.open.size;
}
