/**
 * The collector's configuration.
 *
 *   otlp ─► memory_limiter ─► batch ─► strip ─► price ─┬─► signal_to_metrics ─► delta_to_cumulative ─► Prometheus
 *                                                      └─► tail_sampling ─► traces
 *   otlp ─► memory_limiter ─► the processes' own metrics ─► Prometheus
 */
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { EXPENSIVE_CALL_USD, type MonitoringModel } from '../model.ts';
import { STRIP_LOGS, STRIP_SPANS } from './content.ts';
import { spanMetrics } from './metrics.ts';
import { attribute, escaped, isSet, resource, type StatementGroup, text } from './ottl.ts';
import { COUNTED_SPAN, pricingGroups, replayGroups } from './pricing.ts';
import { SCRATCH_ATTRIBUTES } from './scratch.ts';

/** A variable of the collector's environment, with what it is without one. */
export function env(name: string, value: string): string {
  return `\${env:${name}:-${value}}`;
}

/** Where the connector says which collector counted. */
const COLLECTOR_INSTANCE = 'signal_to_metrics.service.instance.id';

const MEMORY = { check_interval: '1s', limit_percentage: 80, spike_limit_percentage: 20 };
/** Nothing is given up on while a target is down; the queue decides how much is kept. */
export const PATIENT: object = { enabled: true, max_elapsed_time: '0s' };
export const queue = (size: number): object => ({
  ...{ enabled: true, storage: 'file_storage/queue', sizer: 'items', queue_size: size },
  batch: { flush_timeout: '1s', min_size: 1000 },
});

export function collectorConfig(model: MonitoringModel): object {
  return {
    extensions: {
      health_check: { endpoint: env('HEALTH_ENDPOINT', '127.0.0.1:13133') },
      'file_storage/queue': { directory: env('QUEUE_DIRECTORY', './queue'), create_directory: true },
    },
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: env('OTLP_GRPC_ENDPOINT', '127.0.0.1:4317') },
          http: { endpoint: env('OTLP_HTTP_ENDPOINT', '127.0.0.1:4318') },
        },
      },
    },
    exporters: exporters(),
    connectors: {
      'forward/priced': {},
      signal_to_metrics: { error_mode: 'ignore', spans: spanMetrics(model, COUNTED_SPAN).map(escapedMetric) },
    },
    service: service(),
    processors: processors(model),
  };
}

function exporters(): object {
  return {
    prometheus: {
      endpoint: env('PROMETHEUS_ENDPOINT', '127.0.0.1:9464'),
      // The default of 5m makes rarely used features vanish.
      metric_expiration: '72h',
      translation_strategy: 'UnderscoreEscapingWithSuffixes',
    },
    prometheus_remote_write: {
      endpoint: `${env('PROMETHEUS_URL', 'http://127.0.0.1:9090')}/api/v1/write`,
      retry_on_failure: PATIENT,
      remote_write_queue: { enabled: true, queue_size: 100_000, num_consumers: 1 },
    },
    'otlp_http/metrics': {
      metrics_endpoint: env('METRICS_OTLP_URL', 'http://127.0.0.1:8428/opentelemetry/v1/metrics'),
      retry_on_failure: PATIENT,
      // One at a time, so that the points of a series arrive in order.
      sending_queue: { ...queue(100_000), num_consumers: 1 },
    },
    'otlp_grpc/traces': {
      endpoint: env('TRACES_ENDPOINT', '127.0.0.1:14317'),
      tls: { insecure: env('TRACES_INSECURE', 'true') },
      retry_on_failure: PATIENT,
      sending_queue: queue(100_000),
    },
  };
}

function service(): object {
  const prometheus = { host: env('TELEMETRY_HOST', '127.0.0.1'), port: env('TELEMETRY_PORT', '8888') };
  return {
    extensions: ['health_check', 'file_storage/queue'],
    telemetry: {
      metrics: {
        level: 'normal',
        // The names that the rules on the collector's own losses read.
        readers: [
          {
            pull: { exporter: { prometheus: { ...prometheus, without_type_suffix: false, without_scope_info: true } } },
          },
        ],
      },
    },
    pipelines: {
      'traces/in': {
        receivers: ['otlp'],
        processors: ['memory_limiter', 'batch', 'transform/strip_content', 'transform/price'],
        exporters: ['signal_to_metrics', 'forward/priced'],
      },
      'traces/out': {
        receivers: ['forward/priced'],
        processors: ['transform/clean', 'tail_sampling'],
        exporters: ['otlp_grpc/traces'],
      },
      'metrics/priced': {
        receivers: ['signal_to_metrics'],
        processors: ['transform/instance', 'delta_to_cumulative'],
        exporters: ['prometheus'],
      },
      'metrics/processes': { receivers: ['otlp'], processors: ['memory_limiter'], exporters: ['prometheus'] },
      logs: {
        receivers: ['otlp'],
        processors: ['memory_limiter', 'transform/strip_content'],
        exporters: ['otlp_grpc/traces'],
      },
    },
  };
}

function processors(model: MonitoringModel): object {
  return {
    memory_limiter: MEMORY,
    batch: { send_batch_size: 512, timeout: '1s' },
    delta_to_cumulative: { max_stale: '72h', max_streams: 100_000 },
    tail_sampling: tailSampling(),
    'transform/strip_content': {
      error_mode: 'ignore',
      trace_statements: STRIP_SPANS.map(escapedGroup),
      log_statements: STRIP_LOGS.map(escapedGroup),
    },
    // A collector that starts again begins at 0, and several count side by side: each start has series of its own, so that
    // neither a reset nor a second writer can be taken for the same counter.
    'transform/instance': {
      error_mode: 'ignore',
      metric_statements: [
        {
          statements: [
            `set(${resource(ATTR.serviceInstanceId)}, ${resource(COLLECTOR_INSTANCE)}) where ${isSet(resource(COLLECTOR_INSTANCE))}`,
          ],
        },
      ],
    },
    // What only the way from pricing to metrics needs.
    'transform/clean': {
      error_mode: 'ignore',
      trace_statements: [
        { statements: SCRATCH_ATTRIBUTES.map((name) => `delete_key(span.attributes, ${text(name)})`) },
      ],
    },
    'transform/price': {
      error_mode: 'ignore',
      trace_statements: pricingGroups(model).map(escapedGroup),
    },
  };
}

/**
 * What is merged over the configuration to replay a ledger: a receiver of its own, whose spans are counted at the cost that
 * they bring and go nowhere else. Their series are apart from those of live spans.
 */
export function replayConfig(model: MonitoringModel): object {
  return {
    receivers: { 'otlp/replay': { protocols: { http: { endpoint: env('REPLAY_ENDPOINT', '127.0.0.1:4319') } } } },
    processors: {
      'transform/replay': {
        error_mode: 'ignore',
        trace_statements: replayGroups().map(escapedGroup),
      },
      'transform/replay_instance': {
        error_mode: 'ignore',
        metric_statements: [
          {
            statements: [
              `set(${resource(ATTR.serviceInstanceId)}, Concat(["replay", ${resource(COLLECTOR_INSTANCE)}], "-")) where ${isSet(resource(COLLECTOR_INSTANCE))}`,
            ],
          },
        ],
      },
    },
    connectors: {
      'signal_to_metrics/replay': { error_mode: 'ignore', spans: spanMetrics(model, COUNTED_SPAN).map(escapedMetric) },
    },
    service: {
      pipelines: {
        'traces/replay': {
          receivers: ['otlp/replay'],
          processors: ['memory_limiter', 'batch', 'transform/replay'],
          exporters: ['signal_to_metrics/replay'],
        },
        'metrics/replay': {
          receivers: ['signal_to_metrics/replay'],
          processors: ['transform/replay_instance', 'delta_to_cumulative'],
          exporters: ['prometheus'],
        },
      },
    },
  };
}

function tailSampling(): object {
  const cost = attribute(TOKENMETER_ATTR.costUsd);
  return {
    decision_wait: '10s',
    num_traces: 50_000,
    decision_cache: { sampled_cache_size: 100_000, non_sampled_cache_size: 100_000 },
    policies: [
      { name: 'errors', type: 'status_code', status_code: { status_codes: ['ERROR'] } },
      {
        name: 'expensive',
        type: 'ottl_condition',
        ottl_condition: { error_mode: 'ignore', span: [`${isSet(cost)} and ${cost} > ${EXPENSIVE_CALL_USD}`] },
      },
      {
        name: 'unpriced',
        type: 'string_attribute',
        string_attribute: { key: TOKENMETER_ATTR.costStatus, values: ['unpriced', 'usage_unknown'] },
      },
      { name: 'rest', type: 'probabilistic', probabilistic: { sampling_percentage: 10 } },
    ],
  };
}

function escapedGroup({ statements, conditions, ...rest }: StatementGroup): StatementGroup {
  return { ...rest, ...(conditions && { conditions: conditions.map(escaped) }), statements: statements.map(escaped) };
}

function escapedMetric<M extends { readonly conditions: readonly string[] }>(metric: M): M {
  return { ...metric, conditions: metric.conditions.map(escaped) };
}
