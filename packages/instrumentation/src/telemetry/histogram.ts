/** A histogram of single calls. OTel has no observable histogram, so calls before a MeterProvider exists are not in it. */
import type { Attributes, Histogram as OtelHistogram } from '@opentelemetry/api';
import { AttributeSets, type AttributeSetsOptions } from './attribute-sets.ts';
import type { Series, Value } from './series.ts';

export interface HistogramOptions extends Omit<AttributeSetsOptions<Attributes>, 'create' | 'instrument'> {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly buckets: readonly number[];
  readonly integer: boolean;
}

export class Histogram {
  readonly options: HistogramOptions;
  /** The instrument of the present MeterProvider. */
  instrument: OtelHistogram | undefined;
  readonly #sets: AttributeSets<Attributes>;

  constructor(options: HistogramOptions) {
    this.options = options;
    this.#sets = new AttributeSets({ ...options, instrument: options.name, create: (attributes) => attributes });
  }

  record(value: number, series: Series, ...extra: readonly Value[]): void {
    this.instrument?.record(value, this.#sets.of(series, extra));
  }
}
