/** What an app imports. It works, and does nothing, in a process that was started without `tokenmeter/register`. */
import { registered } from './registered.ts';

export { instrument, withAttribution, withFeature, withRequest } from '@tokenmeter/instrumentation';
export type { Attribution } from '@tokenmeter/ledger';
export { UnknownModelError } from '@tokenmeter/pricing';

/**
 * Pushes out everything that has been recorded: to OTLP, through the app's own providers or ours, and to the ledger. Call
 * it before `process.exit()`, which leaves no time for the network; the ledger is complete without it. Never rejects.
 */
export async function flush(): Promise<void> {
  await registered.composition?.flush();
}
