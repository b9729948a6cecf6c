/** A refused call opens no span and is no call: an OpenTelemetry log event, in its trace, says that it was. */
import { context } from '@opentelemetry/api';
import { TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { identityAttributes } from '../alerts/identity.ts';
import { emitLog } from '../alerts/logger.ts';
import { NANO_PER_USD, unitOf } from '../budget.ts';
import { identityOf } from '../evaluate/edges.ts';
import { BudgetExceededError, type Refusal } from './error.ts';

/** `eventName` of the log record. */
const BLOCKED_EVENT = 'tokenmeter.budget.blocked';

/** Runs in the context of the call. Never throws. */
export function tellBlocked(refusal: Refusal, store: string): void {
  const { budget, environment, value, spent } = refusal;
  const scale = budget.measure === 'usd' ? NANO_PER_USD : 1;
  try {
    emitLog({
      eventName: BLOCKED_EVENT,
      severityNumber: 13,
      severityText: 'WARN',
      body: new BudgetExceededError(refusal).message,
      timestamp: Date.now(),
      attributes: {
        ...identityAttributes(identityOf(budget, environment, value, store)),
        [TOKENMETER_ATTR.budgetUnit]: unitOf(budget.measure),
        [TOKENMETER_ATTR.budgetAmount]: budget.amount / scale,
        [TOKENMETER_ATTR.budgetSpent]: spent / scale,
      },
      context: context.active(),
    });
  } catch {
    // The app's LoggerProvider is not our business.
  }
}
