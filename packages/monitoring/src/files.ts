/** Everything that is generated, by path. */
import { alertmanagerConfig } from './alertmanager.ts';
import { collectorConfig, replayConfig } from './collector/config.ts';
import { presetFiles } from './collector/presets.ts';
import { compose, kubernetes, prometheusConfig } from './deploy.ts';
import { dashboards } from './grafana/dashboards.ts';
import { alertRules, dashboardProvider, datasources } from './grafana/provisioning.ts';
import type { MonitoringModel } from './model.ts';
import { ruleGroups } from './prometheus/rules.ts';
import { yamlFile } from './yaml.ts';

const REPLAY_ABOUT = `For "tokenmeter ledger replay": otelcol-contrib --config collector-config.yaml --config deploy/collector-replay.yaml
The receiver listens on REPLAY_ENDPOINT, 127.0.0.1:4319. Where metrics are pushed, name that exporter here as well.`;

/** How a preset is started. */
function presetAbout(path: string): string {
  return `otelcol-contrib --config collector-config.yaml --config ${path}`;
}

const ALERTMANAGER_ABOUT = `Alertmanager, 0.25 or newer. Put the webhook of each team's Slack channel and the key of a PagerDuty service into the files that it names.`;

const RULES_ABOUT = `Recording and alerting rules of Tokenmeter, for Prometheus 2.42 or newer and what reads its rules (Mimir, Thanos).
Keep at least 35 days of samples. What each alert means stands in its runbook.`;

const COLLECTOR_ABOUT = `OpenTelemetry Collector, 0.161.0 or newer of the contrib distribution. It takes OTLP, prices the LLM calls of processes that do
not count themselves, in any language, deletes prompts and answers, and offers everything to Prometheus at :9464 (scrape it
with honor_labels: true). Metrics are taken before sampling.
For remote write or OTLP name that exporter in both metrics pipelines in the place of prometheus. Never two into one store:
every sum would double.`;

const PROMETHEUS_ABOUT = `Prometheus as docker-compose.yaml starts it. In one of your own, take over rule_files, alerting and the jobs.`;

const COMPOSE_ABOUT = `docker compose -f deploy/docker-compose.yaml up
Then send to it: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 node --require tokenmeter/register app.js
Grafana is at http://127.0.0.1:3000, Prometheus at :9090, Alertmanager at :9093, Jaeger at :16686.`;

const KUBERNETES_ABOUT = `Collectors as a gateway. First the configuration:
kubectl create configmap tokenmeter-collector --from-file=collector-config.yaml
TRACES_ENDPOINT is your OTLP backend.`;

const GRAFANA_ABOUT = `Data sources of docker-compose.yaml.`;
const PROVIDER_ABOUT = `Where Grafana finds the dashboards.`;
const GRAFANA_ALERTS_ABOUT = `The alerts as Grafana's own rules, for who does not evaluate them in Prometheus. Never both: everything would be told twice.
Put it into /etc/grafana/provisioning/alerting. The recording rules stay in Prometheus or Mimir.`;

const COMPOSE_TARGETS = { collector: 'otelcol:9464', telemetry: 'otelcol:8888', alertmanager: 'alertmanager:9093' };

/** Paths (with `/`) and contents. */
export function generateFiles(model: MonitoringModel): ReadonlyMap<string, string> {
  return new Map([
    ['collector-config.yaml', yamlFile(COLLECTOR_ABOUT, collectorConfig(model))],
    ['deploy/collector-replay.yaml', yamlFile(REPLAY_ABOUT, replayConfig(model))],
    ...presetFiles().map(({ path, about, config }) => {
      return [path, yamlFile(`${about}\n${presetAbout(path)}`, config)] as const;
    }),
    ['deploy/alertmanager/alertmanager.yml', yamlFile(ALERTMANAGER_ABOUT, alertmanagerConfig(model))],
    ['deploy/docker-compose.yaml', yamlFile(COMPOSE_ABOUT, compose())],
    ...dashboards().map(([file, dashboard]) => {
      return [`deploy/grafana/dashboards/${file}`, `${JSON.stringify(dashboard, null, 2)}\n`] as const;
    }),
    ['deploy/grafana/alerting/tokenmeter.yaml', yamlFile(GRAFANA_ALERTS_ABOUT, alertRules(model))],
    ['deploy/grafana/provisioning/dashboards/tokenmeter.yaml', yamlFile(PROVIDER_ABOUT, dashboardProvider())],
    ['deploy/grafana/provisioning/datasources/tokenmeter.yaml', yamlFile(GRAFANA_ABOUT, datasources())],
    ['deploy/kubernetes/collector.yaml', yamlFile(KUBERNETES_ABOUT, ...kubernetes())],
    ['deploy/prometheus/prometheus.yml', yamlFile(PROMETHEUS_ABOUT, prometheusConfig(COMPOSE_TARGETS))],
    ['deploy/prometheus/tokenmeter.rules.yml', yamlFile(RULES_ABOUT, { groups: ruleGroups(model) })],
  ]);
}
