/** For tests: call records, and a MeterProvider of the real SDK that can be read. */
import { type Attributes, metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type Histogram,
  MeterProvider,
  MetricReader,
  type MetricReaderOptions,
} from '@opentelemetry/sdk-metrics';
import type { CallRecord } from '@tokenmeter/ledger';

const PICO_PER_USD = 1_000_000_000_000n;

/** A priced chat call of one cent: 100 tokens in (30 of them cached), 20 out (5 of them reasoning). */
export function call(changes: Partial<CallRecord> = {}): CallRecord {
  return {
    traceId: '0'.repeat(31) + 1,
    spanId: '0'.repeat(15) + 1,
    operation: 'chat',
    provider: 'openai',
    requestModel: 'gpt-5',
    responseModel: 'gpt-5-2025-08-07',
    serverAddress: 'api.openai.com',
    serverPort: 443,
    stream: false,
    startTime: 1_700_000_000_000,
    duration: 1_500,
    outcome: 'completed',
    attempts: 1,
    attribution: { feature: 'search', team: 'core', tenant: 'acme', environment: 'prod', user: 'u1', session: 's1' },
    usage: { input: 100, output: 20, cacheRead: 30, reasoning: 5 },
    usageSource: 'provider',
    cost: {
      status: 'priced',
      pico: PICO_PER_USD / 100n,
      usd: 0.01,
      cacheSavingsPico: PICO_PER_USD / 1000n,
      version: 'test',
      flags: [],
    },
    attributes: {},
    ...changes,
  };
}

export interface Point {
  readonly attributes: Attributes;
  readonly value: number;
}

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** A MeterProvider that is registered in place of the one before, and read on demand. */
export class Provider {
  readonly #reader: Reader;
  readonly #provider: MeterProvider;

  constructor(temporality: AggregationTemporality = AggregationTemporality.CUMULATIVE, options?: MetricReaderOptions) {
    this.#reader = new Reader({ aggregationTemporalitySelector: () => temporality, ...options });
    this.#provider = new MeterProvider({ readers: [this.#reader] });
    metrics.disable();
    metrics.setGlobalMeterProvider(this.#provider);
  }

  /** The points of a collection by instrument: sums and gauges as they are, histograms as their sum. */
  async collect(): Promise<ReadonlyMap<string, readonly Point[]>> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw errors[0];
    const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(
      found.map((metric) => [
        metric.descriptor.name,
        metric.dataPointType === DataPointType.HISTOGRAM
          ? metric.dataPoints.map(({ attributes, value }) => ({ attributes, value: value.sum ?? 0 }))
          : metric.dataPoints.map(({ attributes, value }) => ({ attributes, value: Number(value) })),
      ]),
    );
  }

  async histogram(name: string): Promise<readonly Histogram[]> {
    const { resourceMetrics } = await this.#reader.collect();
    const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return found.flatMap((metric) =>
      metric.descriptor.name === name && metric.dataPointType === DataPointType.HISTOGRAM
        ? metric.dataPoints.map(({ value }) => value)
        : [],
    );
  }

  async units(): Promise<ReadonlyMap<string, string>> {
    const { resourceMetrics } = await this.#reader.collect();
    const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(found.map(({ descriptor: { name, unit } }) => [name, unit]));
  }
}

export function sum(points: readonly Point[] | undefined, where: Attributes = {}): number {
  return (points ?? [])
    .filter(({ attributes }) => Object.entries(where).every(([key, value]) => attributes[key] === value))
    .reduce((total, { value }) => total + value, 0);
}
