/** Everything in containers: docker-compose to see it all at once, Kubernetes for the collectors. */
import { COLLECTOR_VERSION } from './model.ts';

/** Collector, Prometheus and Alertmanager in the versions that the end-to-end tests run; Grafana and Jaeger are not run there. */
const IMAGE = {
  collector: `otel/opentelemetry-collector-contrib:${COLLECTOR_VERSION}`,
  prometheus: 'prom/prometheus:v3.5.3',
  alertmanager: 'prom/alertmanager:v0.33.1',
  grafana: 'grafana/grafana:12.2.0',
  jaeger: 'jaegertracing/jaeger:2.10.0',
};

/** For a container: every address, and what it sends to by name. */
const COLLECTOR_ENVIRONMENT = {
  OTLP_GRPC_ENDPOINT: '0.0.0.0:4317',
  OTLP_HTTP_ENDPOINT: '0.0.0.0:4318',
  PROMETHEUS_ENDPOINT: '0.0.0.0:9464',
  TELEMETRY_HOST: '0.0.0.0',
  HEALTH_ENDPOINT: '0.0.0.0:13133',
  QUEUE_DIRECTORY: '/var/lib/otelcol/queue',
};

export function prometheusConfig(
  targets: Readonly<Record<'collector' | 'telemetry' | 'alertmanager', string>>,
): object {
  return {
    global: { scrape_interval: '15s', evaluation_interval: '1m' },
    rule_files: ['/etc/prometheus/tokenmeter.rules.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [targets.alertmanager] }] }] },
    scrape_configs: [
      // The collector says itself which process a metric is of.
      { job_name: 'tokenmeter', honor_labels: true, static_configs: [{ targets: [targets.collector] }] },
      { job_name: 'otelcol', static_configs: [{ targets: [targets.telemetry] }] },
      { job_name: 'prometheus', static_configs: [{ targets: ['localhost:9090'] }] },
    ],
  };
}

export function compose(): object {
  return {
    name: 'tokenmeter',
    services: {
      otelcol: {
        image: IMAGE.collector,
        command: ['--config=/etc/otelcol/config.yaml'],
        environment: { ...COLLECTOR_ENVIRONMENT, TRACES_ENDPOINT: 'jaeger:4317' },
        volumes: ['../collector-config.yaml:/etc/otelcol/config.yaml:ro', 'queue:/var/lib/otelcol'],
        // The queue's volume belongs to root.
        user: '0:0',
        ports: ['127.0.0.1:4317:4317', '127.0.0.1:4318:4318'],
        depends_on: ['jaeger'],
      },
      prometheus: {
        image: IMAGE.prometheus,
        command: [
          '--config.file=/etc/prometheus/prometheus.yml',
          '--storage.tsdb.path=/prometheus',
          '--storage.tsdb.retention.time=40d',
        ],
        volumes: [
          './prometheus/prometheus.yml:/etc/prometheus/prometheus.yml:ro',
          './prometheus/tokenmeter.rules.yml:/etc/prometheus/tokenmeter.rules.yml:ro',
          'prometheus:/prometheus',
        ],
        ports: ['127.0.0.1:9090:9090'],
      },
      alertmanager: {
        image: IMAGE.alertmanager,
        command: ['--config.file=/etc/alertmanager/alertmanager.yml', '--storage.path=/alertmanager'],
        volumes: [
          './alertmanager/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro',
          './alertmanager/secrets:/etc/alertmanager/secrets:ro',
        ],
        ports: ['127.0.0.1:9093:9093'],
      },
      grafana: {
        image: IMAGE.grafana,
        environment: { GF_AUTH_ANONYMOUS_ENABLED: 'true', GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer' },
        volumes: [
          './grafana/provisioning/datasources:/etc/grafana/provisioning/datasources:ro',
          './grafana/provisioning/dashboards:/etc/grafana/provisioning/dashboards:ro',
          './grafana/dashboards:/etc/grafana/dashboards:ro',
        ],
        ports: ['127.0.0.1:3000:3000'],
        depends_on: ['prometheus'],
      },
      jaeger: { image: IMAGE.jaeger, ports: ['127.0.0.1:16686:16686'] },
    },
    volumes: { queue: {}, prometheus: {} },
  };
}

const NAME = 'tokenmeter-collector';
const METADATA = { name: NAME, labels: { app: NAME } };

/**
 * One collector per replica of a StatefulSet, each with a queue that it keeps. Processes send to the service; a trace may
 * then be split over replicas, so sampling decides by what one of them saw, and metrics add up over all of them.
 */
export function kubernetes(): readonly object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: METADATA,
      spec: {
        selector: { app: NAME },
        ports: [
          { name: 'otlp-grpc', port: 4317 },
          { name: 'otlp-http', port: 4318 },
          { name: 'metrics', port: 9464 },
          { name: 'telemetry', port: 8888 },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: METADATA,
      spec: {
        ...{ serviceName: NAME, replicas: 2 },
        selector: { matchLabels: { app: NAME } },
        template: {
          metadata: {
            labels: { app: NAME },
            annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9464' },
          },
          spec: {
            // Drains what it has before it ends.
            terminationGracePeriodSeconds: 60,
            securityContext: { fsGroup: 10001 },
            containers: [
              {
                ...{ name: 'otelcol', image: IMAGE.collector, args: ['--config=/etc/otelcol/collector-config.yaml'] },
                env: [
                  ...Object.entries({
                    ...COLLECTOR_ENVIRONMENT,
                    TRACES_ENDPOINT: 'traces:4317',
                    GOMEMLIMIT: '800MiB',
                  }).map(([name, value]) => ({ name, value })),
                ],
                ports: [4317, 4318, 9464, 8888].map((containerPort) => ({ containerPort })),
                readinessProbe: { httpGet: { path: '/', port: 13133 } },
                livenessProbe: { httpGet: { path: '/', port: 13133 }, initialDelaySeconds: 30 },
                resources: { requests: { cpu: '200m', memory: '512Mi' }, limits: { memory: '1Gi' } },
                volumeMounts: [
                  { name: 'config', mountPath: '/etc/otelcol' },
                  { name: 'queue', mountPath: '/var/lib/otelcol' },
                ],
              },
            ],
            volumes: [{ name: 'config', configMap: { name: NAME } }],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'queue' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
          },
        ],
      },
    },
  ];
}
