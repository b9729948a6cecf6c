/**
 * The dashboards as data: which question each panel answers, and by which query. Queries read what the rules record and
 * nothing else, so that a dashboard never needs to know how a metric came.
 */
import { LABEL, METRIC } from '../names.ts';
import { CACHE_HIT } from '../prometheus/alerts/quality.ts';
import { BUDGET, BUDGET_SPENT, BUDGET_USED } from '../prometheus/budgets.ts';
import { CALL_TOKENS, DURATION, FIRST_CHUNK } from '../prometheus/conventions.ts';
import { COUNTED } from '../prometheus/increase.ts';
import { spentIn, toDate } from '../prometheus/windows.ts';

import { type DashboardSpec, IN, inRange, legend, OF, perHour, quantiles, totalInRange } from './queries.ts';

const { cost, calls, tokens, cacheSavings, conventionTokens, attributesCapped, collectorLoss } = COUNTED;
const month = toDate('month');
const KNOWN = `${LABEL.costStatus}=~"priced|free|estimated"`;

export const DASHBOARDS: readonly DashboardSpec[] = [
  {
    uid: 'tokenmeter-overview',
    title: 'LLM cost: overview',
    description: 'What LLM calls cost, for which feature, against which budget.',
    byFeature: false,
    panels: [
      {
        ...{ kind: 'stat', unit: 'currencyUSD', width: 4, height: 4 },
        title: 'Spent this month',
        description: 'USD since the first of the month (UTC).',
        queries: [{ expr: `sum(${month}{${IN}})` }],
      },
      {
        ...{ kind: 'stat', unit: 'currencyUSD', width: 4, height: 4 },
        title: 'Forecast for the month',
        description: 'Spent this month, and the last 24 hours for each day that is left.',
        queries: [{ expr: `sum(${month}{${IN}}) + sum(${spentIn('1d')}{${IN}}) * (days_in_month() - day_of_month())` }],
      },
      {
        ...{ kind: 'stat', unit: 'currencyUSD', width: 4, height: 4 },
        title: 'Spent in this time',
        description: 'USD in the time that the dashboard shows.',
        queries: [{ expr: totalInRange(cost.increase) }],
      },
      {
        ...{ kind: 'stat', unit: 'short', width: 4, height: 4 },
        title: 'Calls in this time',
        description: 'LLM calls, each with its retries.',
        queries: [{ expr: totalInRange(calls.increase) }],
      },
      {
        ...{ kind: 'stat', unit: 'percentunit', width: 4, height: 4 },
        title: 'Coverage',
        description: 'Share of the calls whose amount is known. What is missing is in no sum on this page.',
        queries: [{ expr: `(${totalInRange(calls.increase, KNOWN)} or vector(0)) / ${totalInRange(calls.increase)}` }],
      },
      {
        ...{ kind: 'stat', unit: 'currencyUSD', width: 4, height: 4 },
        title: 'Saved by caches',
        description: 'What cache reads cost less than fresh input would have.',
        queries: [{ expr: `${totalInRange(cacheSavings.increase)} or vector(0)` }],
      },
      {
        ...{ kind: 'timeseries', unit: 'currencyUSD', width: 16, height: 9, traces: 'feature' },
        title: 'Cost per hour by feature',
        description: 'Which feature burns the money, and since when.',
        queries: [{ expr: `sum by (${LABEL.feature}) (${spentIn('1h')}{${IN}})`, legend: legend(LABEL.feature) }],
      },
      {
        ...{ kind: 'bargauge', unit: 'percentunit', width: 8, height: 9 },
        title: 'Budgets',
        description: 'Share of each budget that is spent in its current window.',
        queries: [
          {
            expr: `${BUDGET_USED}{${IN}}`,
            legend: `${legend(LABEL.budget)} ${legend(LABEL.budgetScope)} per ${legend(LABEL.budgetWindow)}`,
          },
        ],
      },
      {
        ...{ kind: 'table', unit: 'currencyUSD', width: 12, height: 9, traces: 'feature' },
        title: 'Cost by feature and model',
        description: 'In the time that the dashboard shows, the dearest first.',
        queries: [
          { expr: `sort_desc(${inRange(cost.increase, `${LABEL.feature}, ${LABEL.team}, ${LABEL.requestModel}`)})` },
        ],
      },
      {
        ...{ kind: 'table', unit: 'currencyUSD', width: 12, height: 9 },
        title: 'Cost of a call by feature',
        description: 'What one call costs on average; calls without a known amount are left out.',
        queries: [
          {
            expr: `sort_desc(${inRange(cost.increase, LABEL.feature)} / ${inRange(calls.increase, LABEL.feature, KNOWN)})`,
          },
        ],
      },
    ],
  },
  {
    uid: 'tokenmeter-feature',
    title: 'LLM cost: a feature',
    description: 'One feature: money, calls, tokens, what went wrong.',
    byFeature: true,
    panels: [
      {
        ...{ kind: 'stat', unit: 'currencyUSD', width: 6, height: 4 },
        title: 'Spent this month',
        description: 'USD since the first of the month (UTC).',
        queries: [{ expr: `sum(${month}{${OF}})` }],
      },
      {
        ...{ kind: 'stat', unit: 'currencyUSD', width: 6, height: 4 },
        title: 'Spent in this time',
        description: 'USD in the time that the dashboard shows.',
        queries: [{ expr: totalInRange(cost.increase, '', OF) }],
      },
      {
        ...{ kind: 'stat', unit: 'currencyUSD', width: 6, height: 4 },
        title: 'Cost of a call',
        description: 'On average, of the calls whose amount is known.',
        queries: [{ expr: `${totalInRange(cost.increase, '', OF)} / ${totalInRange(calls.increase, KNOWN, OF)}` }],
      },
      {
        ...{ kind: 'stat', unit: 'currencyUSD', width: 6, height: 4 },
        title: 'Spent on broken calls',
        description: 'On calls that failed, were canceled or abandoned.',
        queries: [{ expr: `${totalInRange(cost.increase, `${LABEL.outcome}!="completed"`, OF)} or vector(0)` }],
      },
      {
        ...{ kind: 'timeseries', unit: 'currencyUSD', width: 12, height: 9, traces: 'requestModel' },
        title: 'Cost per hour by model',
        description: 'Which model the money goes to.',
        queries: [{ expr: perHour(cost.increase, LABEL.requestModel, '', OF), legend: legend(LABEL.requestModel) }],
      },
      {
        ...{ kind: 'timeseries', unit: 'short', width: 12, height: 9, traces: 'outcome' },
        title: 'Calls per hour by outcome',
        description: 'How calls end. What fails may have been billed.',
        queries: [{ expr: perHour(calls.increase, LABEL.outcome, '', OF), legend: legend(LABEL.outcome) }],
      },
      {
        ...{ kind: 'timeseries', unit: 'short', width: 12, height: 9 },
        title: 'Tokens per hour by type',
        description: 'The types are disjoint: together they are all tokens.',
        queries: [{ expr: perHour(tokens.increase, LABEL.tokenType, '', OF), legend: legend(LABEL.tokenType) }],
      },
      {
        ...{ kind: 'timeseries', unit: 's', width: 12, height: 9, traces: 'feature' },
        title: 'Duration of calls by feature',
        description: 'How long calls take, with their retries: half of them less than p50, 95 of 100 less than p95.',
        queries: quantiles(DURATION, LABEL.feature, OF),
      },
      {
        ...{ kind: 'timeseries', unit: 's', width: 12, height: 9, traces: 'feature' },
        title: 'Time to the first chunk by feature',
        description: 'How long people wait until a streamed answer begins.',
        queries: quantiles(FIRST_CHUNK, LABEL.feature, OF),
      },
      {
        ...{ kind: 'timeseries', unit: 'short', width: 12, height: 9 },
        title: 'Tokens of a call by type',
        description: 'How large prompts and answers are: half of the calls below p50, 95 of 100 below p95.',
        queries: quantiles(CALL_TOKENS, LABEL.conventionTokenType, OF),
      },
      {
        ...{ kind: 'timeseries', unit: 'currencyUSD', width: 12, height: 9 },
        title: 'Budget of the feature',
        description: 'What is spent of each of its budgets, and the amount.',
        queries: [
          { expr: `${BUDGET_SPENT}{${OF}} or sum(${month}{${OF}})`, legend: `${legend(LABEL.budget)} spent` },
          { expr: `${BUDGET}{${OF}} or vector(0)`, legend: `${legend(LABEL.budget)} amount` },
        ],
      },
    ],
  },
  {
    uid: 'tokenmeter-models',
    title: 'LLM cost: models and caches',
    description: 'What models cost, how fast they are, and how well caches do.',
    byFeature: false,
    panels: [
      {
        ...{ kind: 'timeseries', unit: 'currencyUSD', width: 12, height: 9, traces: 'requestModel' },
        title: 'Cost per hour by model',
        description: 'Which model the money goes to.',
        queries: [{ expr: perHour(cost.increase, LABEL.requestModel), legend: legend(LABEL.requestModel) }],
      },
      {
        ...{ kind: 'table', unit: 'currencyUSD', width: 12, height: 9 },
        title: 'Cost of a call by model',
        description: 'On average, of the calls whose amount is known.',
        queries: [
          {
            expr: `sort_desc(${inRange(cost.increase, `${LABEL.provider}, ${LABEL.requestModel}`)} / ${inRange(calls.increase, `${LABEL.provider}, ${LABEL.requestModel}`, KNOWN)})`,
          },
        ],
      },
      {
        ...{ kind: 'timeseries', unit: 'percentunit', width: 12, height: 9 },
        title: 'Input read from caches',
        description: 'Share of the input tokens that the provider had cached, by feature.',
        queries: [
          {
            expr: `${perHour(tokens.increase, LABEL.feature, `${LABEL.tokenType}="cache_read"`)} / ${perHour(tokens.increase, LABEL.feature, `${LABEL.tokenType}=~"input|cache_read|cache_write"`)}`,
            legend: legend(LABEL.feature),
          },
          { expr: `${CACHE_HIT}{${IN}} or vector(0)`, legend: `${legend(LABEL.feature)} (alerted on)` },
        ],
      },
      {
        ...{ kind: 'timeseries', unit: 'currencyUSD', width: 12, height: 9 },
        title: 'Saved by caches per hour',
        description: 'What cache reads cost less than fresh input would have, by feature.',
        queries: [{ expr: perHour(cacheSavings.increase, LABEL.feature), legend: legend(LABEL.feature) }],
      },
      {
        ...{ kind: 'timeseries', unit: 's', width: 12, height: 9, traces: 'requestModel' },
        title: 'Duration of calls by model',
        description: 'How long calls take, with their retries: half of them less than p50, 95 of 100 less than p95.',
        queries: quantiles(DURATION, LABEL.requestModel),
      },
      {
        ...{ kind: 'timeseries', unit: 's', width: 12, height: 9, traces: 'requestModel' },
        title: 'Time to the first chunk by model',
        description: 'How long people wait until a streamed answer begins.',
        queries: quantiles(FIRST_CHUNK, LABEL.requestModel),
      },
      {
        ...{ kind: 'timeseries', unit: 'short', width: 12, height: 9 },
        title: 'Tokens of a call by model and type',
        description: 'How large prompts and answers are: half of the calls below p50, 95 of 100 below p95.',
        queries: quantiles(CALL_TOKENS, `${LABEL.requestModel}, ${LABEL.conventionTokenType}`),
      },
      {
        ...{ kind: 'timeseries', unit: 'short', width: 12, height: 9 },
        title: 'Tokens per hour by model, as OpenTelemetry counts them',
        description: 'Of all processes that send gen_ai metrics, with and without Tokenmeter.',
        queries: [{ expr: perHour(conventionTokens.increase, LABEL.requestModel), legend: legend(LABEL.requestModel) }],
      },
    ],
  },
  {
    uid: 'tokenmeter-quality',
    title: 'LLM cost: can the numbers be believed?',
    description: 'What is missing from the amounts, and why.',
    byFeature: false,
    panels: [
      {
        ...{ kind: 'timeseries', unit: 'short', width: 12, height: 9 },
        title: 'Calls per hour by status of their cost',
        description: 'Only priced, free and estimated calls have an amount.',
        queries: [{ expr: perHour(calls.increase, LABEL.costStatus), legend: legend(LABEL.costStatus) }],
      },
      {
        ...{ kind: 'table', unit: 'short', width: 12, height: 9 },
        title: 'Calls without an amount by model',
        description: 'Which models need a price, and which calls had no usage.',
        queries: [
          {
            expr: `${inRange(calls.increase, `${LABEL.provider}, ${LABEL.requestModel}, ${LABEL.costStatus}`, `${LABEL.costStatus}=~"unpriced|usage_unknown"`)} or vector(0)`,
          },
        ],
      },
      {
        ...{ kind: 'stat', unit: 'percentunit', width: 6, height: 4 },
        title: 'Untagged calls',
        description: 'Share of the calls that belong to no feature.',
        queries: [
          {
            expr: `(${totalInRange(calls.increase, `${LABEL.feature}="untagged"`)} or vector(0)) / ${totalInRange(calls.increase)}`,
          },
        ],
      },
      {
        ...{ kind: 'stat', unit: 'd', width: 6, height: 4 },
        title: 'Age of the oldest price book',
        description: 'Days since the newest fact in it.',
        queries: [{ expr: `(time() - min(${METRIC.priceBookTimestamp}{${IN}})) / 86400` }],
      },
      {
        ...{ kind: 'stat', unit: 'short', width: 6, height: 4 },
        title: 'Lost in the collector',
        description: 'Spans and metric points that it could not take or pass on.',
        queries: [{ expr: `sum(sum_over_time(${collectorLoss.increase}[$__range])) or vector(0)` }],
      },
      {
        ...{ kind: 'stat', unit: 'short', width: 6, height: 4 },
        title: 'Values under _other',
        description: 'Attribute values beyond their cap: sums stay exact, but cannot be told apart.',
        queries: [{ expr: `${totalInRange(attributesCapped.increase)} or vector(0)` }],
      },
    ],
  },
];
