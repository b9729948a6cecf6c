/** What a team copies into its monitoring, generated from the contract and `tokenmeter.yaml`. */
export { generateFiles } from './files.ts';
export { DASHBOARDS } from './grafana/panels.ts';
export type { DashboardSpec, PanelSpec } from './grafana/queries.ts';
export {
  DEFAULT_MODEL,
  EXPENSIVE_CALL_USD,
  type MonitoringModel,
} from './model.ts';
export type { Rule, RuleGroup } from './prometheus/promql.ts';
export { ALL_ALERTS, ruleGroups } from './prometheus/rules.ts';
