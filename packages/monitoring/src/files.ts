/** Everything that is generated, by path. */
import type { MonitoringModel } from './model.ts';
import { ruleGroups } from './prometheus/rules.ts';
import { yamlFile } from './yaml.ts';

const RULES_ABOUT = `Recording and alerting rules of Tokenmeter, for Prometheus 2.42 or newer and what reads its rules (Mimir, Thanos).
Keep at least 35 days of samples. What each alert means stands in its runbook.`;

/** Paths (with \`/\`) and contents. */
export function generateFiles(model: MonitoringModel): ReadonlyMap<string, string> {
  return new Map([['deploy/prometheus/tokenmeter.rules.yml', yamlFile(RULES_ABOUT, { groups: ruleGroups(model) })]]);
}
