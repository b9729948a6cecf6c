/**
 * Other instrumentations of a method that we patch. OpenTelemetry's own and those built on it wrap by `shimmer`, which marks
 * what it puts in the method's place. One outside ours comes when ours is there already, so it is looked for at the first call.
 */
import { warn } from './warning.ts';

type Wrapped = { readonly __wrapped?: unknown } | undefined;

/** Says so where the method is traced by somebody else as well: `around` or `within` our own function. */
export function tellOfOthers(sdk: string, around: unknown, within: unknown): void {
  if (![around, within].some((one) => (one as Wrapped)?.__wrapped === true)) return;
  warn(
    `tokenmeter: another instrumentation wraps ${sdk}, too: each call may get a second span, and a second ` +
      "measurement in gen_ai.* metrics. Costs are counted once. Switch the other one off: OpenTelemetry's own for openai by " +
      'OTEL_NODE_DISABLED_INSTRUMENTATIONS=openai.',
  );
}
