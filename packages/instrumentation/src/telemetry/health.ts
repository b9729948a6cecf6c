/** What Tokenmeter says about itself: few sets, each with its own key and the environment of the process. */
import { ATTR, METRICS, type TokenmeterInstrument } from '@tokenmeter/semconv';
import { attributionConfig } from '../attribution/config.ts';
import { COUNT, Counter } from './counter.ts';
import type { ObservedGauge } from './join.ts';
import type { Series } from './series.ts';

export interface PriceBookInfo {
  readonly version: string;
  /** Date of the book, Unix seconds. */
  readonly timestamp: number;
}

/** The series of the process itself: it has an environment, and no call. */
export function processSeries(): Series {
  const { environment } = attributionConfig().environment;
  return { kept: [], value: (key) => (key === ATTR.environment ? environment : undefined) };
}

export function healthCounter(instrument: TokenmeterInstrument, cap: number): Counter<number> {
  return new Counter({
    ...instrument,
    ...{ keys: [ATTR.environment], extraKeys: instrument.attributes, extraSets: 1 },
    ...{ cap, onFolded: () => {}, quantity: COUNT },
  });
}

export function priceBookGauge(series: Series, priceBook: () => PriceBookInfo | undefined): ObservedGauge {
  const { name, unit, description, attributes } = METRICS.priceBookTimestamp;
  const environment = series.value(ATTR.environment);
  return {
    ...{ name, unit, description },
    read: () => {
      const book = priceBook();
      if (!book) return undefined;
      const own = Object.fromEntries(attributes.map((key) => [key, book.version]));
      return { value: book.timestamp, attributes: environment ? { ...own, [ATTR.environment]: environment } : own };
    },
  };
}
