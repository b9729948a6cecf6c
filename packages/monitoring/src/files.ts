/** Everything that is generated, by path. */
import { alertmanagerConfig } from './alertmanager.ts';
import { collectorConfig } from './collector/config.ts';
import type { MonitoringModel } from './model.ts';
import { ruleGroups } from './prometheus/rules.ts';
import { yamlFile } from './yaml.ts';

const ALERTMANAGER_ABOUT = `Alertmanager, 0.25 or newer. Put the webhook of each team's Slack channel and the key of a PagerDuty service into the files that it names.`;

const RULES_ABOUT = `Recording and alerting rules of Tokenmeter, for Prometheus 2.42 or newer and what reads its rules (Mimir, Thanos).
Keep at least 35 days of samples. What each alert means stands in its runbook.`;

const COLLECTOR_ABOUT = `OpenTelemetry Collector, 0.161.0 or newer of the contrib distribution. It takes OTLP, prices the LLM calls of processes that do
not count themselves, in any language, deletes prompts and answers, and offers everything to Prometheus at :9464 (scrape it
with honor_labels: true). Metrics are taken before sampling.
For remote write or OTLP name that exporter in both metrics pipelines in the place of prometheus. Never two into one store:
every sum would double.`;

/** Paths (with `/`) and contents. */
export function generateFiles(model: MonitoringModel): ReadonlyMap<string, string> {
  return new Map([
    ['collector-config.yaml', yamlFile(COLLECTOR_ABOUT, collectorConfig(model))],
    ['deploy/alertmanager/alertmanager.yml', yamlFile(ALERTMANAGER_ABOUT, alertmanagerConfig(model))],
    ['deploy/prometheus/tokenmeter.rules.yml', yamlFile(RULES_ABOUT, { groups: ruleGroups(model) })],
  ]);
}
