/** Alerts on what the calls are like: nobody's, without a price, without cache, failed, retried. */
import { UNTAGGED } from '@tokenmeter/semconv';
import { LABEL, list } from '../../names.ts';
import { COUNTED } from '../increase.ts';
import { type Rule, sumOver } from '../promql.ts';
import { FEATURE_LABELS } from '../windows.ts';
import { type Alert, IN_ENVIRONMENT, PERCENT, USD, value } from './alert.ts';

const FEATURE = `Feature ${value(LABEL.feature)}${IN_ENVIRONMENT}`;
const byFeature = `sum by (${list(FEATURE_LABELS)})`;

/** Below so many calls a share means nothing. */
const ENOUGH_CALLS = 20;
/** Below so many input tokens an hour a hit ratio means nothing. */
const ENOUGH_TOKENS = 100_000;
const UNTAGGED_SHARE = 0.05;
const ERROR_SPEND = { share: 0.1, usd: 1 };
const RETRIES = 1.5;

export const CACHE_HIT = 'tokenmeter_feature:cache_hit:ratio1h';

const byProvider = `sum by (${list([...FEATURE_LABELS, LABEL.provider])})`;
const inputTokens = `${byProvider} (${sumOver(`${COUNTED.tokens.increase}{${LABEL.tokenType}=~"input|cache_read|cache_write"}`, '1h')})`;
const cacheReads = `${byProvider} (${sumOver(`${COUNTED.tokens.increase}{${LABEL.tokenType}="cache_read"}`, '1h')})`;

export const QUALITY_RULES: readonly Rule[] = [
  // No reads at all is a ratio of 0: processes that never hit the cache have no series of reads.
  { record: CACHE_HIT, expr: `(${cacheReads} or 0 * ${inputTokens}) / (${inputTokens} > ${ENOUGH_TOKENS})` },
];

const calls = `sum by (${LABEL.environment}) (${sumOver(COUNTED.calls.increase, '1h')})`;
const untagged = `sum by (${LABEL.environment}) (${sumOver(`${COUNTED.calls.increase}{${LABEL.feature}="${UNTAGGED}"}`, '1h')})`;
const spent = `${byFeature} (${sumOver(COUNTED.cost.increase, '1h')})`;
const wasted = `${byFeature} (${sumOver(`${COUNTED.cost.increase}{${LABEL.outcome}!="completed"}`, '1h')})`;
const attempts = `${byProvider} (${sumOver(COUNTED.attempts.increase, '15m')})`;
const attempted = `${byProvider} (${sumOver(COUNTED.calls.increase, '15m')})`;
const byModel = `sum by (${list([...FEATURE_LABELS, LABEL.provider, LABEL.requestModel])})`;

export const QUALITY_ALERTS: readonly Alert[] = [
  {
    name: 'TokenmeterUntaggedCalls',
    severity: 'warning',
    expr: `${untagged} / (${calls} > ${ENOUGH_CALLS}) > ${UNTAGGED_SHARE}`,
    for: '15m',
    summary: `${PERCENT} of the LLM calls of the last hour${IN_ENVIRONMENT} belong to no feature.`,
    description: 'What they cost can be charged to nobody. `npx tokenmeter doctor` names the lines of code.',
  },
  {
    name: 'TokenmeterUnpricedCalls',
    severity: 'warning',
    expr: `${byModel} (${sumOver(`${COUNTED.calls.increase}{${LABEL.costStatus}="unpriced"}`, '1h')}) > 0`,
    summary: `{{ $value | printf "%.0f" }} calls of ${value(LABEL.feature)}${IN_ENVIRONMENT} to ${value(LABEL.provider)}/${value(LABEL.requestModel)} have no price.`,
    description: 'They are in no amount: every sum of this feature is too low.',
  },
  {
    name: 'TokenmeterCacheHitDrop',
    severity: 'warning',
    expr: `${CACHE_HIT} < 0.5 * ${CACHE_HIT} offset 1d`,
    for: '15m',
    summary: `${FEATURE} reads only ${PERCENT} of its input for ${value(LABEL.provider)} from the cache, less than half of yesterday.`,
    description: 'A change of the first part of the prompt makes every later call dearer.',
  },
  {
    name: 'TokenmeterErrorSpend',
    severity: 'warning',
    expr: `${wasted} > ${ERROR_SPEND.usd} and ${wasted} > ${ERROR_SPEND.share} * ${spent}`,
    for: '5m',
    summary: `${FEATURE} spent ${USD} in the last hour on calls that failed or were broken off.`,
    description: `That is more than ${ERROR_SPEND.share * 100} % of what it spent.`,
  },
  {
    name: 'TokenmeterRetries',
    severity: 'warning',
    expr: `${attempts} / (${attempted} > ${ENOUGH_CALLS}) > ${RETRIES}`,
    for: '10m',
    summary: `${FEATURE} needs {{ $value | printf "%.1f" }} HTTP attempts for a call to ${value(LABEL.provider)}.`,
    description: 'The provider refuses or fails, and the SDK tries again.',
  },
];
