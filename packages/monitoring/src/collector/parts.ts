/** Pieces that several configurations of the collector are made of. */
import { STRIP_LOGS, STRIP_SPANS } from './content.ts';
import { escaped, type StatementGroup } from './ottl.ts';

/** A variable of the collector's environment, with what it is without one. */
export function env(name: string, value: string): string {
  return `\${env:${name}:-${value}}`;
}

export const MEMORY_LIMITER: object = { check_interval: '1s', limit_percentage: 80, spike_limit_percentage: 20 };

/** Nothing is given up on while a target is down; the queue decides how much is kept. */
export const PATIENT: object = { enabled: true, max_elapsed_time: '0s' };

/** On disk, of so many items. */
export function queue(size: number): object {
  return {
    ...{ enabled: true, storage: 'file_storage/queue', sizer: 'items', queue_size: size },
    batch: { flush_timeout: '1s', min_size: 1000 },
  };
}

export function extensions(): object {
  return {
    health_check: { endpoint: env('HEALTH_ENDPOINT', '127.0.0.1:13133') },
    'file_storage/queue': { directory: env('QUEUE_DIRECTORY', './queue'), create_directory: true },
  };
}

export function otlpReceiver(): object {
  return {
    protocols: {
      grpc: { endpoint: env('OTLP_GRPC_ENDPOINT', '127.0.0.1:4317') },
      http: { endpoint: env('OTLP_HTTP_ENDPOINT', '127.0.0.1:4318') },
    },
  };
}

/** What the collector says of itself, under the names that the rules on its losses read. */
export function telemetry(): object {
  const prometheus = { host: env('TELEMETRY_HOST', '127.0.0.1'), port: env('TELEMETRY_PORT', '8888') };
  const exporter = { prometheus: { ...prometheus, without_type_suffix: false, without_scope_info: true } };
  return { metrics: { level: 'normal', readers: [{ pull: { exporter } }] } };
}

export function stripContent(): object {
  return {
    error_mode: 'ignore',
    trace_statements: STRIP_SPANS.map(escapedGroup),
    log_statements: STRIP_LOGS.map(escapedGroup),
  };
}

export function escapedGroup({ statements, conditions, ...rest }: StatementGroup): StatementGroup {
  return { ...rest, ...(conditions && { conditions: conditions.map(escaped) }), statements: statements.map(escaped) };
}
