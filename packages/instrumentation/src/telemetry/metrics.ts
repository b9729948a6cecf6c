/**
 * CallRecord → metrics. Counters are exact totals in one bounded table, read by whatever MeterProvider the app has
 * (`counter.ts`, `join.ts`); histograms are recorded call by call. Attributes and names are the contract's.
 *
 * `tokenmeter.tokens` counts estimated usage as well, as `tokenmeter.cost.usd` does its amounts: what share of both is
 * estimated stands in `tokenmeter.calls` by cost status. The conventions' token metrics hold the provider's counts only.
 */
import { ATTR, type Generation, generationsOf, METRICS, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import type { Sink } from '../plugs.ts';
import { shared, warnOnce } from '../state.ts';
import type { Bounds } from './bounds.ts';
import { conventions } from './conventions.ts';
import { healthCounter, type PriceBookInfo, priceBookGauge, processSeries } from './health.ts';
import { Joint } from './join.ts';
import { ownInstruments } from './own.ts';
import { CAPPED_KEYS, SeriesTable } from './series.ts';
import { ValueCaps } from './value-caps.ts';

/** The OTel SDK keeps 2,000 sets of an instrument, the overflow among them. */
export const DEFAULT_MAX_ATTRIBUTE_SETS = 1_900;
export const DEFAULT_MAX_VALUES_PER_KEY = 200;

export interface MetricsOptions {
  /** Default: what `OTEL_SEMCONV_STABILITY_OPT_IN` says. */
  readonly generations?: readonly Generation[];
  /** The tenant may go on metrics: its values are few enough. Default false. */
  readonly tenant?: boolean;
  /**
   * Attribute sets of one instrument, at least 100. Default {@link DEFAULT_MAX_ATTRIBUTE_SETS}; raise it only together
   * with the `aggregationCardinalityLimit` of the MeterProvider, which must stay above it.
   */
  readonly maxAttributeSets?: number;
  /** Values of one attribute key. Default {@link DEFAULT_MAX_VALUES_PER_KEY}. */
  readonly maxValuesPerKey?: number;
  /** The price book in use; asked at every collection. */
  readonly priceBook?: () => PriceBookInfo | undefined;
}

export interface Metrics {
  /** Records a call. Never throws. */
  readonly sink: Sink;
  /** Counts an SDK that was loaded in a version outside the tested range. */
  countUntestedSdk(name: string, version: string): void;
  /** Counts alerts that a channel did not take; 0 makes the channel known, so that the first failure can be seen. */
  countFailedAlerts(channel: string, alerts: number): void;
  /**
   * Joins the MeterProvider that is registered now. Each call does so by itself; it is needed when a provider was started
   * after the last call, and before a last flush. Never throws.
   */
  join(): void;
}

/** The metrics of the process. There is one: a second call, be it from the other build, returns the first one's. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  return shared('metrics', () => buildMetrics(options));
}

/** Metrics with tables of their own. */
export function buildMetrics(options: MetricsOptions): Metrics {
  const {
    generations = generationsOf(process.env.OTEL_SEMCONV_STABILITY_OPT_IN),
    maxAttributeSets: cap = DEFAULT_MAX_ATTRIBUTE_SETS,
    maxValuesPerKey = DEFAULT_MAX_VALUES_PER_KEY,
  } = options;
  const hidden: readonly string[] = options.tenant ? [] : [TOKENMETER_ATTR.tenant];
  const ofProcess = processSeries();
  const capped = healthCounter(METRICS.attributesCapped, cap);
  const untested = healthCounter(METRICS.sdkUntested, cap);
  const failedAlerts = healthCounter(METRICS.alertsFailed, cap);
  const bounds: Bounds = {
    cap,
    visible: (keys) => keys.filter((key) => !hidden.includes(key)),
    onFolded: (key) => capped.add(1, ofProcess, key),
  };
  // What the configuration knows completely starts at 0, so that the first increase can be seen.
  for (const key of bounds.visible(CAPPED_KEYS)) capped.add(0, ofProcess, key);

  const caps = new ValueCaps(maxValuesPerKey, bounds.onFolded);
  const seriesTable = new SeriesTable(cap, caps, hidden);
  const own = ownInstruments(bounds);
  const standard = conventions(generations, bounds);
  const joint = new Joint({
    counters: [...own.counters, ...standard.counters, capped, untested, failedAlerts],
    histograms: [...own.histograms, ...standard.histograms],
    gauges: options.priceBook ? [priceBookGauge(ofProcess, options.priceBook)] : [],
  });

  const safely = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      warnOnce('metrics.failed', `metrics failed: ${error}. The app is not affected; spans and ledger go on.`);
    }
  };
  return {
    sink: (record) => {
      safely(() => joint.join());
      safely(() => {
        const series = seriesTable.of(record);
        const errorType = record.errorType && caps.admit(ATTR.errorType, record.errorType);
        own.record(record, series, errorType);
        standard.record(record, series, errorType);
      });
    },
    countUntestedSdk: (name, version) => safely(() => untested.add(1, ofProcess, name, version)),
    countFailedAlerts: (channel, alerts) => safely(() => failedAlerts.add(alerts, ofProcess, channel)),
    join: () => safely(() => joint.join()),
  };
}
