/**
 * The one place where telemetry's own failures end. What the instrumentation does around a call runs through `guard`: it
 * never throws into the app, and a failure leaves a line in OpenTelemetry's diagnostic log.
 */
import { diag } from '@opentelemetry/api';

/** Runs `step`; what it throws is logged and gives undefined. */
export function guard<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (problem) {
    report(problem);
    return undefined;
  }
}

/** For the few places that run too often for a closure: what `guard` does with what was thrown. Never throws. */
export function report(problem: unknown): void {
  try {
    diag.debug('tokenmeter: telemetry failed', problem);
  } catch {
    // A logger of the app that throws must not undo the guard.
  }
}
