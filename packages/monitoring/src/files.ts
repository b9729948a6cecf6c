/** Everything that is generated, by path. */
import { collectorConfig } from './collector/config.ts';
import type { MonitoringModel } from './model.ts';
import { ruleGroups } from './prometheus/rules.ts';
import { yamlFile } from './yaml.ts';

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
    ['deploy/prometheus/tokenmeter.rules.yml', yamlFile(RULES_ABOUT, { groups: ruleGroups(model) })],
  ]);
}
