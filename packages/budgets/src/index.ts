/** Budgets for LLM calls, and the alerts that they send. */
export { type AlertOptions, createAlerts } from './alerts/alerts.ts';
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
export { BudgetAlertError, UnknownModelError } from './tracker/errors.ts';
export { BudgetTracker } from './tracker/tracker.ts';
export type {
  TrackedCall,
  TrackedRecord,
  TrackerLogger,
  TrackerOptions,
  TrackerSummary,
} from './tracker/types.ts';
