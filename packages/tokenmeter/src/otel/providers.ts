/**
 * What this process has registered with the OpenTelemetry API so far. Each question is answered by what the API does and
 * not by what it is called inside, so that it holds for every 1.x API and for SDKs that are not OpenTelemetry's own.
 */
import { context, createContextKey, createNoopMeter, metrics, propagation, trace } from '@opentelemetry/api';

const SCOPE = 'tokenmeter';

export function hasTracerProvider(): boolean {
  const provider: object = trace.getTracerProvider();
  // A proxy without a delegate hands out no delegate's tracer.
  return isProxy(provider) ? provider.getDelegateTracer(SCOPE) !== undefined : true;
}

export function hasMeterProvider(): boolean {
  return metrics.getMeterProvider().getMeter(SCOPE) !== createNoopMeter();
}

/** Is there a context manager? Without one, nothing that is set stays set. */
export function hasContextManager(): boolean {
  const key = createContextKey(SCOPE);
  return context.with(context.active().setValue(key, true), () => context.active().getValue(key) === true);
}

export function hasPropagator(): boolean {
  return propagation.fields().length > 0;
}

/** Pushes out what the process's providers hold, its own and those started here. Never rejects. */
export async function flushProviders(): Promise<void> {
  const tracing: object = trace.getTracerProvider();
  const providers: object[] = [isProxy(tracing) ? tracing.getDelegate() : tracing, metrics.getMeterProvider()];
  await Promise.allSettled(providers.map(async (provider) => canFlush(provider) && provider.forceFlush()));
}

/** What providers of every SDK have, and the API does not name. One that the app has shut down complains when asked. */
function canFlush(provider: object): provider is { forceFlush(): Promise<void> } {
  const shutDown = '_shutdown' in provider && provider._shutdown === true;
  return !shutDown && 'forceFlush' in provider && typeof provider.forceFlush === 'function';
}

/**
 * The resource attributes of the process's MeterProvider, or else TracerProvider; undefined where the SDK keeps them to
 * itself, or still waits for some of them: it complains in the app's log when it is asked then. Both lines of the
 * OpenTelemetry SDK have them in a private place.
 */
export function resourceAttributes(): Readonly<Record<string, unknown>> | undefined {
  const tracing: object = trace.getTracerProvider();
  const candidates: unknown[] = [metrics.getMeterProvider(), isProxy(tracing) ? tracing.getDelegate() : tracing];
  for (const candidate of candidates) {
    for (const path of RESOURCE_PATHS) {
      const resource = path.reduce(member, candidate);
      if (member(resource, 'asyncAttributesPending') === true) continue;
      const attributes = member(resource, 'attributes');
      if (attributes !== null && typeof attributes === 'object') return attributes as Record<string, unknown>;
    }
  }
  return undefined;
}

const RESOURCE_PATHS: readonly (readonly string[])[] = [['_sharedState', 'resource'], ['_resource'], ['resource']];

function member(value: unknown, key: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined;
}

interface Proxy {
  getDelegate(): object;
  getDelegateTracer(name: string): unknown;
}

function isProxy(provider: object): provider is Proxy {
  return 'getDelegateTracer' in provider && 'getDelegate' in provider;
}
