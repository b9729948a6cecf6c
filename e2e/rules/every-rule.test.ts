/** No rule can go unnoticed: without any one of them a test is red. */
import { DEFAULT_MODEL, type Rule, type RuleGroup, ruleGroups } from '@tokenmeter/monitoring';
import { describe, expect, test } from 'vitest';
import { KINDS } from './budgets.cases.ts';
import { CASES, MODEL, neededFor, RECORDS, testsOf } from './cases.ts';
import { promtool, type RuleTest } from './promtool.ts';

/** Silent for longer than the dense memory reaches: what was seen before must not count again. */
const SILENCES: readonly (readonly [seen: string, series: string, increase: string])[] = [
  ['tokenmeter_cost_usd_total:seen', 'tokenmeter_cost_usd_total', 'tokenmeter:cost_usd:increase'],
  ['tokenmeter_calls_total:seen', 'tokenmeter_calls_total', 'tokenmeter:calls:increase'],
  ['tokenmeter_attempts_total:seen', 'tokenmeter_attempts_total', 'tokenmeter:attempts:increase'],
  ['tokenmeter_tokens_total:seen', 'tokenmeter_tokens_total', 'tokenmeter:tokens:increase'],
  [
    'tokenmeter_cache_savings_usd_total:seen',
    'tokenmeter_cache_savings_usd_total',
    'tokenmeter:cache_savings_usd:increase',
  ],
  ['tokenmeter_budget_blocked_total:seen', 'tokenmeter_budget_blocked_total', 'tokenmeter:budget_blocked:increase'],
  [
    'tokenmeter_attributes_capped_total:seen',
    'tokenmeter_attributes_capped_total',
    'tokenmeter:attributes_capped:increase',
  ],
  ['tokenmeter_alerts_failed_total:seen', 'tokenmeter_alerts_failed_total', 'tokenmeter:alerts_failed:increase'],
  [
    'tokenmeter_call_cost_usd_bucket:seen',
    'tokenmeter_call_cost_usd_bucket{le="2.5"}',
    'tokenmeter:call_cost_usd_bucket:increase',
  ],
  [
    'tokenmeter:gen_ai_tokens:seen',
    'gen_ai_client_token_usage_sum{gen_ai_token_type="input"}',
    'tokenmeter:gen_ai_tokens:increase',
  ],
  ['tokenmeter:collector_loss:seen', 'otelcol_receiver_refused_spans_total', 'tokenmeter:collector_loss:increase'],
];

function silence(series: string, increase: string): RuleTest {
  return {
    name: 'a silence of eight hours',
    interval: '30m',
    series: { [series]: '_x2 3 _x15 4 _x4' },
    expect: [{ expr: `sum(sum_over_time(${increase}[12h]))`, at: '10h', is: { '{}': 4 } }],
  };
}

/** Everything that may be red without a rule; what takes few steps comes first. */
const alertCases = CASES.map((one) => ({ model: MODEL, names: [one.alert], tests: testsOf(one) }));
const recordCases = RECORDS.map(({ model, records, test: one }) => ({ model, names: records, tests: [one] }));
const CANDIDATES = [
  ...alertCases.filter(({ tests }) => tests[0]?.interval === undefined),
  ...recordCases.toReversed(),
  ...alertCases.filter(({ tests }) => tests[0]?.interval !== undefined),
];

const nameOf = (rule: Rule): string => ('record' in rule ? rule.record : rule.alert);
const label = (rule: Rule): string => `${nameOf(rule)} ${JSON.stringify(rule.labels ?? {})}`;

/** Only an outage of Prometheus itself reads these, which promtool cannot play: it evaluates at every step. */
const BY_OUTAGE = /(?:_to_date|tokenmeter:(?:hour|day|week|month|counting)):sparse$/;
const all = [MODEL, KINDS].flatMap((model) => ruleGroups(model).flatMap((group) => group.rules));
const rules = [...new Map(all.map((rule) => [label(rule), rule])).values()];

describe.each(rules.filter((rule) => !BY_OUTAGE.test(nameOf(rule))).map((rule) => [label(rule), rule] as const))(
  '%s',
  (_, rule) => {
    const without = (names: readonly string[]) => (groups: readonly RuleGroup[]) =>
      neededFor(names)(groups).map((group) => ({
        ...group,
        rules: group.rules.filter((one) => label(one) !== label(rule)),
      }));

    test('is missed', () => {
      const name = nameOf(rule);
      for (const [seen, series, increase] of SILENCES) {
        if (![`${seen}:sparse`, seen, increase].includes(name)) continue;
        const red = promtool('promtool3', DEFAULT_MODEL, [silence(series, increase)], without([increase]));
        if (red !== '') return;
      }
      for (const { model, names, tests } of CANDIDATES) {
        const used = neededFor(names)(ruleGroups(model)).flatMap((group) => group.rules.map(label));
        if (used.includes(label(rule)) && promtool('promtool3', model, tests, without(names)) !== '') return;
      }
      expect.fail(`no test is red without ${label(rule)}`);
    });
  },
);

test.each(SILENCES)('%s remembers a silence of eight hours', (_, series, increase) => {
  expect(promtool('promtool3', DEFAULT_MODEL, [silence(series, increase)], neededFor([increase]))).toBe('');
});
