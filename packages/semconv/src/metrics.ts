/**
 * Our own instruments. The unit stands in the name and, in braces, in the unit field, so that the Prometheus name is the
 * same by every path (OTLP translation drops units in braces; the JS Prometheus exporter adds none).
 */
import { ATTR, TOKENMETER_ATTR } from './attributes.ts';
import { CALL_COST_BUCKETS } from './buckets.ts';

export interface TokenmeterInstrument {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly unit: string;
  readonly description: string;
  /** Attribute keys that it carries; every one of our instruments carries the environment as well. */
  readonly attributes: readonly string[];
  readonly buckets?: readonly number[];
}

/** Who, what and where of a call: on every instrument that counts calls, tokens or money. */
export const COMMON_ATTRIBUTES: readonly string[] = [
  TOKENMETER_ATTR.feature,
  TOKENMETER_ATTR.team,
  TOKENMETER_ATTR.tenant,
  ATTR.providerName,
  ATTR.requestModel,
  ATTR.responseModel,
  ATTR.operationName,
  ATTR.environment,
];

/** Which budget: on every instrument about budgets. */
const BUDGET_ATTRIBUTES: readonly string[] = [
  TOKENMETER_ATTR.budgetName,
  TOKENMETER_ATTR.budgetWindow,
  TOKENMETER_ATTR.budgetScopeValue,
  TOKENMETER_ATTR.budgetStore,
  ATTR.environment,
];

export type MetricKey =
  | 'cost'
  | 'callCost'
  | 'calls'
  | 'attempts'
  | 'tokens'
  | 'cacheSavings'
  | 'budget'
  | 'budgetSpent'
  | 'budgetBlocked'
  | 'priceBookTimestamp'
  | 'attributesCapped'
  | 'sdkUntested'
  | 'alertsFailed';

export const METRICS: Readonly<Record<MetricKey, TokenmeterInstrument>> = {
  cost: {
    name: 'tokenmeter.cost.usd',
    kind: 'counter',
    unit: '{USD}',
    description: 'Cost of LLM calls whose amount is known.',
    attributes: [...COMMON_ATTRIBUTES, TOKENMETER_ATTR.costStatus, TOKENMETER_ATTR.outcome],
  },
  callCost: {
    name: 'tokenmeter.call.cost.usd',
    kind: 'histogram',
    unit: '{USD}',
    description: 'Cost of a single LLM call, where the amount is known.',
    attributes: COMMON_ATTRIBUTES,
    buckets: CALL_COST_BUCKETS,
  },
  calls: {
    name: 'tokenmeter.calls',
    kind: 'counter',
    unit: '{call}',
    description: 'LLM calls by cost status and outcome: the coverage of every amount.',
    attributes: [...COMMON_ATTRIBUTES, TOKENMETER_ATTR.costStatus, TOKENMETER_ATTR.outcome, ATTR.errorType],
  },
  attempts: {
    name: 'tokenmeter.attempts',
    kind: 'counter',
    unit: '{attempt}',
    description: 'HTTP attempts of LLM calls, where the SDK lets them be seen.',
    attributes: COMMON_ATTRIBUTES,
  },
  tokens: {
    name: 'tokenmeter.tokens',
    kind: 'counter',
    unit: '{token}',
    description: 'Tokens of LLM calls by disjoint type: the types add up to all tokens.',
    attributes: [...COMMON_ATTRIBUTES, TOKENMETER_ATTR.tokenType],
  },
  cacheSavings: {
    name: 'tokenmeter.cache.savings.usd',
    kind: 'counter',
    unit: '{USD}',
    description: 'What cache reads saved against the list input price; gross, never negative.',
    attributes: COMMON_ATTRIBUTES,
  },
  budget: {
    name: 'tokenmeter.budget.usd',
    kind: 'gauge',
    unit: '{USD}',
    description: 'Amount of a budget in USD, for windows longer than a call or request.',
    attributes: BUDGET_ATTRIBUTES,
  },
  budgetSpent: {
    name: 'tokenmeter.budget.spent.usd',
    kind: 'gauge',
    unit: '{USD}',
    description: 'What has been spent of a budget in its current window.',
    attributes: BUDGET_ATTRIBUTES,
  },
  budgetBlocked: {
    name: 'tokenmeter.budget.blocked',
    kind: 'counter',
    unit: '{call}',
    description: 'Calls that a budget refused. They are in no other metric.',
    attributes: BUDGET_ATTRIBUTES,
  },
  priceBookTimestamp: {
    name: 'tokenmeter.price_book.timestamp.seconds',
    kind: 'gauge',
    unit: '{second}',
    description: 'Date of the price book in use, as Unix time.',
    attributes: [TOKENMETER_ATTR.priceVersion],
  },
  attributesCapped: {
    name: 'tokenmeter.attributes.capped',
    kind: 'counter',
    unit: '{value}',
    description: 'Attribute values replaced by _other on metrics because their key reached its cap.',
    attributes: [TOKENMETER_ATTR.cappedAttribute],
  },
  sdkUntested: {
    name: 'tokenmeter.sdk.untested',
    kind: 'counter',
    unit: '{package}',
    description: 'LLM SDKs loaded in a version outside the tested range.',
    attributes: [TOKENMETER_ATTR.sdkName, TOKENMETER_ATTR.sdkVersion],
  },
  alertsFailed: {
    name: 'tokenmeter.alerts.failed',
    kind: 'counter',
    unit: '{alert}',
    description: 'Alerts that a channel did not take.',
    attributes: [TOKENMETER_ATTR.alertChannel],
  },
};

/** The values of `tokenmeter.token.type`. They are disjoint: `input` is uncached input, `output` is visible output. */
export const TOKEN_TYPES = ['input', 'cache_read', 'cache_write', 'output', 'reasoning'] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];
