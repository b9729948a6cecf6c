/**
 * Collectors in two tiers, for many nodes and replicas:
 *
 *   processes ─► agent, one on each node ─┬─ spans, by trace id ──────► one of the gateways: prices, counts, samples
 *                                         └─ metrics, logs ───────────► any gateway, which passes them on
 *
 * The agent takes what the node's processes send and keeps it while no gateway is there; content does not leave the node.
 * All spans of a trace reach one gateway, so tail sampling sees them together. A gateway is the collector of
 * `collector-config.yaml`, but it pushes metrics: what a scrape of several gateways found would be the same series twice,
 * once of the gateway that a process sends to now, and once of the one that it sent to before.
 */
import { env, extensions, MEMORY_LIMITER, otlpReceiver, PATIENT, queue, stripContent, telemetry } from './parts.ts';

/** Port on which gateways take what agents send. */
export const GATEWAY_PORT = 4317;

export interface AgentTargets {
  /** A name that stands for the address of each gateway, and one for all of them. */
  readonly each: string;
  readonly any: string;
}

export function agentConfig({ each, any }: AgentTargets): object {
  const insecure = { insecure: env('GATEWAY_INSECURE', 'true') };
  return {
    extensions: extensions(),
    receivers: { otlp: otlpReceiver() },
    processors: { memory_limiter: MEMORY_LIMITER, 'transform/strip_content': stripContent() },
    exporters: {
      'load_balancing/gateways': {
        routing_key: 'traceID',
        // What a gateway does not take goes back into the queue on disk: the memory of each way would be lost with the agent.
        protocol: {
          otlp: {
            tls: insecure,
            timeout: '5s',
            retry_on_failure: { enabled: false },
            sending_queue: { enabled: false },
          },
        },
        resolver: { dns: { hostname: env('GATEWAYS', each), port: String(GATEWAY_PORT) } },
        retry_on_failure: PATIENT,
        sending_queue: queue(100_000),
      },
      'otlp_grpc/gateway': {
        endpoint: `${env('GATEWAY', any)}:${GATEWAY_PORT}`,
        tls: insecure,
        retry_on_failure: PATIENT,
        // One at a time, so that the points of a series arrive in order.
        sending_queue: { ...queue(100_000), num_consumers: 1 },
      },
    },
    service: {
      extensions: ['health_check', 'file_storage/queue'],
      telemetry: telemetry(),
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: ['memory_limiter', 'transform/strip_content'],
          exporters: ['load_balancing/gateways'],
        },
        metrics: { receivers: ['otlp'], processors: ['memory_limiter'], exporters: ['otlp_grpc/gateway'] },
        logs: {
          receivers: ['otlp'],
          processors: ['memory_limiter', 'transform/strip_content'],
          exporters: ['otlp_grpc/gateway'],
        },
      },
    },
  };
}

/** What is merged over `collector-config.yaml` where several of them work side by side. */
export function gatewayConfig(): object {
  const pushed = { exporters: ['otlp_http/metrics'] };
  return { service: { pipelines: { 'metrics/priced': pushed, 'metrics/processes': pushed } } };
}
