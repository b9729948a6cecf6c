/** Budgets for LLM calls, and the alerts that they send. */
export { type AlertOptions, createAlerts } from './alerts/alerts.ts';
export { identityAttributes } from './alerts/identity.ts';
export { alertLabels, BUDGET_ALERT, FALLBACK_TEAM } from './alerts/labels.ts';
export { emitLog } from './alerts/logger.ts';
export { type AlertSettings, actionsOf, channelsOf } from './alerts/settings.ts';
export {
  type Alert,
  type AlertAction,
  type AlertFunction,
  type Alerts,
  type BudgetEdge,
  type BudgetIdentity,
  type BudgetUnit,
  CHANNELS,
  type ChannelName,
  type Contributor,
  type EdgeCoverage,
  type EdgeState,
  type EdgeWindow,
  type WindowKind,
} from './alerts/types.ts';
export type { Budget, CalendarUnit, Enforcement, HoldKind, Measure, WindowSpec } from './budget.ts';
export { type Budgets, type BudgetsOptions, createBudgets } from './budgets.ts';
export {
  type BudgetInput,
  type BudgetProblem,
  type BudgetSources,
  type Compiled,
  compileBudgets,
  DEFAULT_SHARES,
} from './compile.ts';
export type {
  Downgrade,
  DowngradeRequest,
  Permit,
} from './enforce/admission.ts';
export { BudgetExceededError, type Refusal } from './enforce/error.ts';
export type { AdmissionRequest } from './enforce/estimate.ts';
export { Engine, type EngineOptions } from './engine.ts';
export { identityOf } from './evaluate/edges.ts';
export { scopeOnMetrics } from './metrics.ts';
export { inUnit, liveStart, type Standing, shareOf, spentText, standings, worstOvershoot } from './standing.ts';
export { type LocalStateOptions, localState } from './store/local/state.ts';
export { type RedisStateOptions, redisState } from './store/redis/state.ts';
export type { BudgetState, SharedState } from './store/state.ts';
export { BudgetAlertError, UnknownModelError } from './tracker/errors.ts';
export { BudgetTracker } from './tracker/tracker.ts';
export type {
  TrackedCall,
  TrackedRecord,
  TrackerLogger,
  TrackerOptions,
  TrackerSummary,
} from './tracker/types.ts';
