/** Priced spans -> the same metrics as the processes emit, with the attributes of the contract. */
import { METRICS, TOKEN_TYPES, TOKENMETER_ATTR, type TokenmeterInstrument } from '@tokenmeter/semconv';
import type { MonitoringModel } from '../model.ts';
import { attribute, isSet } from './ottl.ts';
import { SAVED, tokensOf } from './scratch.ts';

/** As `signal_to_metrics` takes it. */
export interface SpanMetric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly conditions: readonly string[];
  readonly include_resource_attributes: readonly object[];
  readonly attributes: readonly object[];
  readonly sum?: { readonly value: string; readonly monotonic: true };
  readonly histogram?: { readonly buckets: readonly number[]; readonly count: string; readonly value: string };
}

/** Of the resource only the service goes on: an instance each would make a series of every replica. */
const RESOURCE = [{ key: 'service.name', default_value: 'unknown_service' }];

/** Spans that were not sampled at the head stand for more than one. */
const COUNT = 'Int(AdjustedCount())';
const times = (value: string): string => `Double(${value}) * AdjustedCount()`;

/** Metrics of the spans for which `counted` holds. */
export function spanMetrics(model: MonitoringModel, counted: string): readonly SpanMetric[] {
  const cost = attribute(TOKENMETER_ATTR.costUsd);
  const metric = (
    instrument: TokenmeterInstrument,
    present: string | undefined,
    more: Partial<SpanMetric>,
  ): SpanMetric => ({
    ...{ name: instrument.name, unit: instrument.unit, description: instrument.description },
    conditions: [present === undefined ? counted : `${counted} and ${isSet(present)}`],
    include_resource_attributes: RESOURCE,
    attributes: keysOf(instrument, model).map((key) => ({ key, optional: true })),
    ...more,
  });
  const { buckets = [] } = METRICS.callCost;
  return [
    metric(METRICS.cost, cost, { sum: { value: times(cost), monotonic: true } }),
    metric(METRICS.callCost, cost, { histogram: { buckets, count: COUNT, value: `Double(${cost})` } }),
    metric(METRICS.calls, undefined, { sum: { value: COUNT, monotonic: true } }),
    metric(METRICS.cacheSavings, SAVED, { sum: { value: times(SAVED), monotonic: true } }),
    ...TOKEN_TYPES.map((type) => {
      const tokens = tokensOf(type);
      const one = metric(METRICS.tokens, tokens, { sum: { value: times(tokens), monotonic: true } });
      const others = keysOf(METRICS.tokens, model).filter((key) => key !== TOKENMETER_ATTR.tokenType);
      return {
        ...one,
        attributes: [
          ...others.map((key) => ({ key, optional: true })),
          { key: TOKENMETER_ATTR.tokenType, default_value: type },
        ],
      };
    }),
  ];
}

function keysOf({ attributes }: TokenmeterInstrument, { tenantOnMetrics }: MonitoringModel): readonly string[] {
  return attributes.filter((key) => key !== TOKENMETER_ATTR.tenant || tenantOnMetrics);
}
