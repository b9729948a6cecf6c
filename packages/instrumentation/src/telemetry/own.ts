/** Our own instruments of calls, tokens and money: which field of a record goes where. */

import { COST_STATUSES } from '@tokenmeter/pricing';
import { ATTR, METRICS, OUTCOMES, TOKEN_TYPES, TOKENMETER_ATTR, type TokenmeterInstrument } from '@tokenmeter/semconv';
import type { Bounds, Recorder } from './bounds.ts';
import { COUNT, Counter, type Observed, PICO_USD, type Quantity } from './counter.ts';
import { Histogram } from './histogram.ts';
import { tokensByType } from './tokens.ts';

/** How many sets the enumerations of an instrument make at most, by key. An error type is there or it is not. */
const VARIANTS: Readonly<Record<string, number>> = {
  [TOKENMETER_ATTR.costStatus]: COST_STATUSES.length,
  [TOKENMETER_ATTR.outcome]: OUTCOMES.length,
  [TOKENMETER_ATTR.tokenType]: TOKEN_TYPES.length,
  [ATTR.errorType]: 2,
};

export interface OwnInstruments {
  readonly counters: readonly Observed[];
  readonly histograms: readonly Histogram[];
  readonly record: Recorder;
}

export function ownInstruments(bounds: Bounds): OwnInstruments {
  const keysOf = (instrument: TokenmeterInstrument): Pick<ConstructorParameters<typeof Histogram>[0], KeyFields> => {
    const extraKeys = instrument.attributes.filter((key) => VARIANTS[key] !== undefined);
    return {
      keys: bounds.visible(instrument.attributes.filter((key) => !extraKeys.includes(key))),
      extraKeys,
      extraSets: extraKeys.reduce((product, key) => product * (VARIANTS[key] ?? 1), 1),
    };
  };
  const counter = <N>(instrument: TokenmeterInstrument, quantity: Quantity<N>): Counter<N> =>
    new Counter({ ...instrument, ...keysOf(instrument), ...bounds, quantity });

  const cost = counter(METRICS.cost, PICO_USD);
  const calls = counter(METRICS.calls, COUNT);
  const attempts = counter(METRICS.attempts, COUNT);
  const tokens = counter(METRICS.tokens, COUNT);
  const cacheSavings = counter(METRICS.cacheSavings, PICO_USD);
  const { buckets = [] } = METRICS.callCost;
  const callCost = new Histogram({
    ...{ ...METRICS.callCost, buckets, integer: false },
    ...{ ...keysOf(METRICS.callCost), ...bounds },
  });

  return {
    counters: [cost, calls, attempts, tokens, cacheSavings],
    histograms: [callCost],
    record: (record, series, errorType) => {
      const { status, pico, cacheSavingsPico } = record.cost;
      calls.add(1, series, status, record.outcome, errorType);
      if (record.attempts !== undefined) attempts.add(record.attempts, series);
      if (pico !== undefined) {
        cost.add(pico, series, status, record.outcome);
        callCost.record(PICO_USD.toNumber(pico), series);
      }
      if (cacheSavingsPico !== undefined && cacheSavingsPico > 0n) cacheSavings.add(cacheSavingsPico, series);
      if (!record.usage) return;
      const byType = tokensByType(record.usage);
      for (const type of TOKEN_TYPES) {
        if (byType[type] > 0) tokens.add(byType[type], series, type);
      }
    },
  };
}

type KeyFields = 'keys' | 'extraKeys' | 'extraSets';
