/** Priced spans -> the same metrics as the processes emit, with the attributes of the contract. */
import { ATTR, METRICS, TOKEN_TYPES, TOKENMETER_ATTR, type TokenmeterInstrument } from '@tokenmeter/semconv';
import type { MonitoringModel } from '../model.ts';
import { attribute, isSet } from './ottl.ts';
import { COUNTED_SPAN, SAVED, tokensOf } from './scratch.ts';

/** As `signal_to_metrics` takes it. */
export interface SpanMetric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly conditions: readonly string[];
  readonly include_resource_attributes: readonly object[];
  readonly attributes: readonly {
    readonly key: string;
    readonly optional?: boolean;
    readonly default_value?: string;
  }[];
  readonly sum?: { readonly value: string; readonly monotonic: true };
  readonly histogram?: { readonly buckets: readonly number[]; readonly count: string; readonly value: string };
}

/** Of the resource only the service goes on: an instance each would make a series of every replica. */
const RESOURCE = [{ key: 'service.name', default_value: 'unknown_service' }];

/** Spans that were not sampled at the head stand for more than one. */
const COUNT = 'Int(AdjustedCount())';
const times = (value: string): string => `${value} * AdjustedCount()`;

/** Metrics of the spans that the collector has priced, or that came with a cost. */
export function spanMetrics(model: MonitoringModel): readonly SpanMetric[] {
  const cost = attribute(TOKENMETER_ATTR.costUsd);
  const usd = `Double(${cost})`;
  const metric = (instrument: TokenmeterInstrument, condition: string, more: Partial<SpanMetric>): SpanMetric => ({
    ...{ name: instrument.name, unit: instrument.unit, description: instrument.description },
    conditions: [condition],
    include_resource_attributes: RESOURCE,
    // Every call has an operation: spans that are none are passed over before anything is asked of them.
    attributes: keysOf(instrument, model).map((key) => ({
      key,
      ...(key !== ATTR.operationName && { optional: true }),
    })),
    ...more,
  });
  const { buckets = [] } = METRICS.callCost;
  return [
    metric(METRICS.cost, `${COUNTED_SPAN} and ${isSet(cost)}`, { sum: { value: times(usd), monotonic: true } }),
    metric(METRICS.callCost, `${COUNTED_SPAN} and ${isSet(cost)}`, {
      histogram: { buckets, count: COUNT, value: usd },
    }),
    metric(METRICS.calls, COUNTED_SPAN, { sum: { value: COUNT, monotonic: true } }),
    metric(METRICS.cacheSavings, isSet(SAVED), { sum: { value: times(SAVED), monotonic: true } }),
    ...TOKEN_TYPES.map((type) => {
      const tokens = tokensOf(type);
      const one = metric(METRICS.tokens, isSet(tokens), { sum: { value: times(tokens), monotonic: true } });
      const others = one.attributes.filter(({ key }) => key !== TOKENMETER_ATTR.tokenType);
      return { ...one, attributes: [...others, { key: TOKENMETER_ATTR.tokenType, default_value: type }] };
    }),
  ];
}

function keysOf({ attributes }: TokenmeterInstrument, { tenantOnMetrics }: MonitoringModel): readonly string[] {
  return attributes.filter((key) => key !== TOKENMETER_ATTR.tenant || tenantOnMetrics);
}
