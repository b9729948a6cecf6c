/** What an app imports. It works, and does nothing, in a process that was started without `tokenmeter/register`. */
import type { AlertFunction, Downgrade } from '@tokenmeter/budgets';
import { registered } from './registered.ts';

export {
  type Alert,
  type AlertFunction,
  BudgetAlertError,
  type BudgetEdge,
  BudgetExceededError,
  BudgetTracker,
  type Downgrade,
  type DowngradeRequest,
  type TrackedCall,
  type TrackedRecord,
  type TrackerLogger,
  type TrackerOptions,
  type TrackerSummary,
} from '@tokenmeter/budgets';
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

/**
 * Tells `listener` of every alert of a budget, beside the budget's own actions. What it throws is logged and counted.
 * Returns how to stop it.
 */
export function onBudgetAlert(listener: AlertFunction): () => void {
  registered.alertListeners.add(listener);
  return () => void registered.alertListeners.delete(listener);
}

/**
 * Asks `choose` for another model before a call that a budget (`enforce: check` or `reserve`) would refuse, or whose budget
 * is past its lowest threshold. Undefined takes the question back. There is one per process; the last one counts.
 */
export function onBudgetDowngrade(choose: Downgrade | undefined): void {
  registered.downgrade = choose;
}
