/** The collector with the generated configuration; a test adds to it what its scenario needs. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_MODEL, generateFiles, type MonitoringModel } from '@tokenmeter/monitoring';
import { stringify } from 'yaml';
import { pathOf } from '../programs/table.ts';
import { freePorts, type Running, start } from './process.ts';

export interface CollectorOptions {
  readonly model?: MonitoringModel;
  /** In the place of the generated `collector-config.yaml`. */
  readonly base?: object;
  /** Merged over the generated configuration, as the collector merges several files: lists are replaced. */
  readonly config?: (folder: string) => object;
  readonly env?: Readonly<Record<string, string>>;
  /** Of an earlier collector, to go on with its queue and ports. */
  readonly again?: Collector;
}

export interface Collector extends Running {
  readonly folder: string;
  readonly ports: {
    readonly grpc: number;
    readonly http: number;
    readonly prometheus: number;
    readonly telemetry: number;
    readonly health: number;
  };
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  send(signal: 'traces' | 'metrics' | 'logs', body: object): Promise<void>;
  /** What a file exporter wrote to a file in the folder, line by line. */
  lines(file: string): unknown[];
  remove(): void;
}

export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const folder = options.again?.folder ?? mkdtempSync(join(tmpdir(), 'tokenmeter-collector-'));
  const [grpc = 0, http = 0, prometheus = 0, telemetry = 0, health = 0] = options.again
    ? Object.values(options.again.ports)
    : await freePorts(5);
  const ports = { grpc, http, prometheus, telemetry, health };
  const generated = generateFiles(options.model ?? DEFAULT_MODEL).get('collector-config.yaml') as string;
  writeFileSync(join(folder, 'collector-config.yaml'), options.base ? stringify(options.base) : generated);
  writeFileSync(join(folder, 'scenario.yaml'), stringify(options.config?.(folder) ?? {}));
  const running = await start(
    pathOf('otelcol'),
    ['--config', join(folder, 'collector-config.yaml'), '--config', join(folder, 'scenario.yaml')],
    {
      cwd: folder,
      ready: `http://127.0.0.1:${health}/`,
      env: {
        OTLP_GRPC_ENDPOINT: `127.0.0.1:${grpc}`,
        OTLP_HTTP_ENDPOINT: `127.0.0.1:${http}`,
        PROMETHEUS_ENDPOINT: `127.0.0.1:${prometheus}`,
        TELEMETRY_PORT: String(telemetry),
        HEALTH_ENDPOINT: `127.0.0.1:${health}`,
        ...options.env,
      },
    },
  );
  const url = `http://127.0.0.1:${http}`;
  return {
    ...running,
    ...{ folder, ports, url },
    async send(signal, body) {
      const response = await fetch(`${url}/v1/${signal}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`the collector refused ${signal}: ${response.status} ${await response.text()}`);
    },
    lines(file) {
      const path = join(folder, file);
      if (!existsSync(path)) return [];
      const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1);
      return whole.map((line) => JSON.parse(line) as unknown);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What is merged over a configuration. */
export interface Scenario {
  readonly exporters: object;
  readonly processors: object;
  readonly service: { readonly pipelines: object };
}

/** Writes traces, logs and metrics to files, and samples nothing. */
export function toFiles(folder: string): Scenario {
  const file = (name: string): object => ({ path: join(folder, `${name}.jsonl`), flush_interval: '100ms' });
  return {
    exporters: { 'file/traces': file('traces'), 'file/logs': file('logs'), 'file/metrics': file('metrics') },
    processors: { batch: { timeout: '100ms' } },
    service: {
      pipelines: {
        'traces/out': { processors: ['transform/clean'], exporters: ['file/traces'] },
        'metrics/priced': { exporters: ['prometheus', 'file/metrics'] },
        logs: { exporters: ['file/logs'] },
      },
    },
  };
}
