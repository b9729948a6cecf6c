/**
 * Collectors in Kubernetes: an agent on each node, and gateways behind them (`collector/tiers.ts` says what each does).
 *
 * Gateways are a StatefulSet, each with a queue that it keeps. An app sends to the agent of its node, whose address it has from
 * the downward API (`status.hostIP`).
 */
import { type AgentTargets, GATEWAY_PORT } from './collector/tiers.ts';
import { COLLECTOR_ENVIRONMENT, IMAGE } from './deploy.ts';

const GATEWAY = 'tokenmeter-collector';
const AGENT = 'tokenmeter-agent';

/** Names of services. The first has an address for each gateway, the second one for all. */
export const GATEWAY_SERVICES: AgentTargets = { each: `${GATEWAY}-each`, any: GATEWAY };

const OTLP_PORTS = [
  { name: 'otlp-grpc', port: GATEWAY_PORT },
  { name: 'otlp-http', port: 4318 },
];

const metadata = (name: string, app: string = name): object => ({ name, labels: { app } });

/** What both tiers have in common. */
function container(configs: readonly string[], environment: Readonly<Record<string, string>>, memory: string): object {
  return {
    ...{ name: 'otelcol', image: IMAGE.collector, args: configs.map((file) => `--config=/etc/otelcol/${file}`) },
    env: Object.entries({ ...COLLECTOR_ENVIRONMENT, ...environment }).map(([name, value]) => ({ name, value })),
    readinessProbe: { httpGet: { path: '/', port: 13133 } },
    livenessProbe: { httpGet: { path: '/', port: 13133 }, initialDelaySeconds: 30 },
    resources: { requests: { cpu: '200m', memory: '256Mi' }, limits: { memory } },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/otelcol' },
      { name: 'queue', mountPath: '/var/lib/otelcol' },
    ],
  };
}

function template(app: string, spec: object): object {
  return {
    metadata: {
      labels: { app },
      // Of the collector itself; what it counted is pushed.
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8888' },
    },
    // Drains what it has before it ends.
    spec: { terminationGracePeriodSeconds: 60, ...spec },
  };
}

const configMap = (name: string): object => ({ name: 'config', configMap: { name } });
const ports = [...OTLP_PORTS.map(({ port }) => port), 8888].map((containerPort) => ({ containerPort }));

export function gatewayManifests(): readonly object[] {
  const selector = { app: GATEWAY };
  const { each, any } = GATEWAY_SERVICES;
  return [
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: metadata(any) },
      spec: { selector, ports: [...OTLP_PORTS, { name: 'telemetry', port: 8888 }] },
    },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: metadata(each, GATEWAY) },
      spec: { clusterIP: 'None', selector, ports: OTLP_PORTS },
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: metadata(GATEWAY) },
      spec: {
        ...{ serviceName: each, replicas: 2, selector: { matchLabels: selector } },
        template: template(GATEWAY, {
          securityContext: { fsGroup: 10001 },
          containers: [
            {
              ...container(
                ['collector-config.yaml', 'gateway-config.yaml'],
                {
                  TRACES_ENDPOINT: 'traces:4317',
                  METRICS_OTLP_URL: 'http://metrics:8428/opentelemetry/v1/metrics',
                  GOMEMLIMIT: '800MiB',
                },
                '1Gi',
              ),
              ports,
            },
          ],
          volumes: [configMap(GATEWAY)],
        }),
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

export function agentManifests(): readonly object[] {
  return [
    {
      ...{ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: metadata(AGENT) },
      spec: {
        selector: { matchLabels: { app: AGENT } },
        template: template(AGENT, {
          // The queue is a folder of the node, which belongs to root.
          securityContext: { runAsUser: 0 },
          containers: [
            {
              ...container(['agent-config.yaml'], { GOMEMLIMIT: '400MiB' }, '512Mi'),
              ports: ports.map((port) => ({ ...port, hostPort: port.containerPort })).slice(0, OTLP_PORTS.length),
            },
          ],
          volumes: [
            configMap(AGENT),
            { name: 'queue', hostPath: { path: '/var/lib/tokenmeter-agent', type: 'DirectoryOrCreate' } },
          ],
        }),
      },
    },
  ];
}
