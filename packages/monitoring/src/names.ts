/**
 * What the contract's names become in Prometheus. Nothing else in this package spells a metric or label of ours.
 *
 * Source: the OTLP to Prometheus translation (prometheus/otlptranslator): what is no letter or digit becomes `_`, units in
 * braces are dropped, counters end in `_total`.
 */
import {
  ATTR,
  type ConventionInstrument,
  METRICS,
  type MetricKey,
  TOKENMETER_ATTR,
  type TokenmeterInstrument,
} from '@tokenmeter/semconv';

/** An attribute's label. */
export function labelOf(attribute: string): string {
  return attribute.replaceAll(/[^A-Za-z0-9]+/g, '_');
}

/** An instrument's metric; of a histogram the name without `_bucket`, `_sum` and `_count`. */
export function metricOf(instrument: Pick<TokenmeterInstrument, 'name' | 'kind'>): string {
  const name = labelOf(instrument.name);
  return instrument.kind === 'counter' ? `${name}_total` : name;
}

/**
 * What an instrument of the conventions may be called: their units stand beside the name, so that some paths add it (the
 * collector, Prometheus' and VictoriaMetrics' own OTLP) and others do not (OpenTelemetry's exporter for JavaScript, a collector
 * that was told to leave suffixes out).
 */
export function spellingsOf({ name, kind, unit }: ConventionInstrument): readonly string[] {
  const plain = labelOf(name);
  if (kind === 'counter') return [`${plain}_total`, plain];
  return unit === 's' ? [`${plain}_seconds`, plain] : [plain];
}

type LabelName =
  | 'environment'
  | 'feature'
  | 'team'
  | 'tenant'
  | 'provider'
  | 'requestModel'
  | 'responseModel'
  | 'operation'
  | 'costStatus'
  | 'outcome'
  | 'errorType'
  | 'tokenType'
  | 'conventionTokenType'
  | 'priceVersion'
  | 'cappedAttribute'
  | 'budget'
  | 'budgetWindow'
  | 'budgetScope'
  | 'budgetScopeKey'
  | 'budgetStore'
  | 'budgetThreshold'
  | 'alertChannel';

/** The labels that rules group by, by short names of ours. */
export const LABEL: Readonly<Record<LabelName, string>> = {
  environment: labelOf(ATTR.environment),
  feature: labelOf(TOKENMETER_ATTR.feature),
  team: labelOf(TOKENMETER_ATTR.team),
  tenant: labelOf(TOKENMETER_ATTR.tenant),
  provider: labelOf(ATTR.providerName),
  requestModel: labelOf(ATTR.requestModel),
  responseModel: labelOf(ATTR.responseModel),
  operation: labelOf(ATTR.operationName),
  costStatus: labelOf(TOKENMETER_ATTR.costStatus),
  outcome: labelOf(TOKENMETER_ATTR.outcome),
  errorType: labelOf(ATTR.errorType),
  tokenType: labelOf(TOKENMETER_ATTR.tokenType),
  conventionTokenType: labelOf(ATTR.tokenType),
  priceVersion: labelOf(TOKENMETER_ATTR.priceVersion),
  cappedAttribute: labelOf(TOKENMETER_ATTR.cappedAttribute),
  budget: labelOf(TOKENMETER_ATTR.budgetName),
  budgetWindow: labelOf(TOKENMETER_ATTR.budgetWindow),
  budgetScope: labelOf(TOKENMETER_ATTR.budgetScopeValue),
  budgetScopeKey: labelOf(TOKENMETER_ATTR.budgetScopeKey),
  budgetStore: labelOf(TOKENMETER_ATTR.budgetStore),
  budgetThreshold: labelOf(TOKENMETER_ATTR.budgetThreshold),
  alertChannel: labelOf(TOKENMETER_ATTR.alertChannel),
};

/** Prometheus names of our instruments. */
export const METRIC: Readonly<Record<MetricKey, string>> = Object.fromEntries(
  Object.entries(METRICS).map(([key, instrument]) => [key, metricOf(instrument)]),
) as Record<MetricKey, string>;

/** `a, b` for a `by (…)`. */
export function list(labels: readonly string[]): string {
  return labels.join(', ');
}
