/** What a team copies into its monitoring, generated from the contract and `tokenmeter.yaml`. */
export { generateFiles } from './files.ts';
export { DASHBOARDS, type DashboardSpec, type PanelSpec } from './grafana/panels.ts';
export {
  DEFAULT_MODEL,
  EXPENSIVE_CALL_USD,
  type MonitoringModel,
} from './model.ts';
export type { Rule, RuleGroup } from './prometheus/promql.ts';
export { ALL_ALERTS, ruleGroups } from './prometheus/rules.ts';
