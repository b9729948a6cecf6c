/** OpenTelemetry instrumentation of LLM SDKs. What an app needs is re-exported by the package `tokenmeter`. */

export {
  configureAttribution,
  currentAttribution,
  withAttribution,
  withFeature,
  withRequest,
} from './attribution/index.ts';
export { configureRuntime, endOpenCalls, openCallCount, type RuntimeOptions } from './call/runtime.ts';
export type { ContentOptions } from './content/capture.ts';
export { installHooks } from './patching/hooks.ts';
export { instrument, onUntestedPackage, type PatchedPackage, patchedPackages } from './patching/packages.ts';
export type { Admission, CallRequest, Permit, Sink } from './plugs.ts';
export { createMetrics, type Metrics } from './telemetry/metrics.ts';
export { VERSION } from './version.ts';
