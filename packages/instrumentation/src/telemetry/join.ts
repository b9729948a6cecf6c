/**
 * Joins our instruments to the app's MeterProvider. The metrics API has no proxy: an instrument that was made before the
 * provider stays deaf, so whose provider it is gets compared at every call, and the instruments are made anew when it
 * changed.
 */
import { type Attributes, type BatchObservableCallback, type Meter, metrics, ValueType } from '@opentelemetry/api';
import { VERSION } from '../version.ts';
import type { Observed } from './counter.ts';
import type { Histogram } from './histogram.ts';

/** The instrumentation scope of our metrics. */
export const SCOPE = 'tokenmeter';

/** A gauge: its one observation, or none now. */
export interface ObservedGauge {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  read(): { readonly value: number; readonly attributes: Attributes } | undefined;
}

export interface Instruments {
  readonly counters: readonly Observed[];
  readonly histograms: readonly Histogram[];
  readonly gauges: readonly ObservedGauge[];
}

export class Joint {
  readonly #instruments: Instruments;
  #provider: unknown;
  #leave: () => void = () => {};

  constructor(instruments: Instruments) {
    this.#instruments = instruments;
  }

  /** Cheap where nothing changed. */
  join(): void {
    const provider = metrics.getMeterProvider();
    if (provider === this.#provider) return;
    this.#provider = provider;
    this.#leave();
    for (const counter of this.#instruments.counters) counter.handOver();
    this.#leave = this.#attach(provider.getMeter(SCOPE, VERSION));
  }

  /** Returns how to detach. */
  #attach(meter: Meter): () => void {
    const { counters, histograms, gauges } = this.#instruments;
    for (const histogram of histograms) {
      const { name, unit, description, buckets, integer } = histogram.options;
      histogram.instrument = meter.createHistogram(name, {
        unit,
        description,
        valueType: integer ? ValueType.INT : ValueType.DOUBLE,
        advice: { explicitBucketBoundaries: [...buckets] },
      });
    }
    const observedCounters = counters.map((counter) => {
      const { name, unit, description, integer } = counter;
      const valueType = integer ? ValueType.INT : ValueType.DOUBLE;
      return { counter, instrument: meter.createObservableCounter(name, { unit, description, valueType }) };
    });
    const observedGauges = gauges.map((gauge) => {
      const { name, unit, description } = gauge;
      return { gauge, instrument: meter.createObservableGauge(name, { unit, description }) };
    });
    const callback: BatchObservableCallback = (result) => {
      for (const { counter, instrument } of observedCounters) {
        counter.observe((value, attributes) => result.observe(instrument, value, attributes));
      }
      for (const { gauge, instrument } of observedGauges) {
        const reading = gauge.read();
        if (reading) result.observe(instrument, reading.value, reading.attributes);
      }
    };
    const all = [...observedCounters, ...observedGauges].map(({ instrument }) => instrument);
    meter.addBatchObservableCallback(callback, all);
    return () => meter.removeBatchObservableCallback(callback, all);
  }
}
