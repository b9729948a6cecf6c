/** The contract: names, units and buckets of everything that Tokenmeter emits. Nothing here depends on anything. */
export {
  ATTR,
  BAGGAGE_PREFIX,
  CONTENT_ATTR,
  ERROR_TYPE_OTHER,
  INFERENCE_EVENT,
  OTHER,
  TOKENMETER_ATTR,
  UNTAGGED,
} from './attributes.ts';
export { CALL_COST_BUCKETS, DURATION_BUCKETS, TOKEN_BUCKETS } from './buckets.ts';
export {
  type ConventionInstrument,
  GENERATIONS,
  type Generation,
  type GenerationTable,
  generationsOf,
  MODALITY,
  TOKEN_MODALITY,
  type TokenField,
} from './generations.ts';
export {
  COMMON_ATTRIBUTES,
  METRICS,
  type MetricKey,
  TOKEN_TYPES,
  type TokenmeterInstrument,
  type TokenType,
} from './metrics.ts';
export {
  OPERATION,
  OUTCOMES,
  type Outcome,
  PROVIDER,
  USAGE_SOURCES,
  type UsageSource,
} from './values.ts';
