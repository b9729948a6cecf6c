/**
 * `gen_ai.*` as it arrives: two generations of the conventions, with and without the unit in the name, by instrumentations
 * that know neither our labels nor the provider's new name. Whatever it is called, the same is recorded.
 */
import type { Expectation, RuleTest, Series } from './promtool.ts';

export const DURATION = 'tokenmeter_call:duration_seconds_bucket:increase5m';
export const FIRST_CHUNK = 'tokenmeter_call:time_to_first_chunk_seconds_bucket:increase5m';
export const CALL_TOKENS = 'tokenmeter_call:tokens_bucket:increase5m';
export const TOKENS = 'tokenmeter:gen_ai_tokens:increase';

const PROCESS = 'job="shop", instance="a"';
const CALL = 'gen_ai_operation_name="chat", gen_ai_provider_name="openai", gen_ai_request_model="m"';
const OURS = `${CALL}, tokenmeter_feature="chat", tokenmeter_team="search"`;
const PRODUCTION = { [`target_info{${PROCESS}, deployment_environment_name="production"}`]: '1x30' };
const RECORDED = `deployment_environment_name="production", ${OURS}`;

/** Born with three calls after five minutes, and one more in each minute. */
const GROWS = '_x5 3+1x25';

function histogram(name: string, labels = OURS): Series {
  const series = ['0.64', '1.28', '+Inf'].map((le) => `${name}_bucket{${labels}, ${PROCESS}, le="${le}"}`);
  return Object.fromEntries([...series, `${name}_sum{${labels}, ${PROCESS}}`].map((one) => [one, GROWS]));
}

/** Three minutes after its birth all six calls count, later those of five minutes: one in each. */
function expected(record: string, labels = RECORDED): readonly Expectation[] {
  return [
    { at: '8m', value: 6 },
    { at: '20m', value: 5 },
  ].map(({ at, value }) => ({
    ...{ expr: `${record}{le="0.64"}`, at },
    is: { [`${record}{${labels}, le="0.64"}`]: value },
  }));
}

const named = (record: string, name: string): RuleTest => ({
  ...{ name, series: { ...PRODUCTION, ...histogram(name) } },
  expect: expected(record),
});

const ENDINGS = ['_seconds', ''];
const generations = (record: string, names: readonly string[]): readonly RuleTest[] => [
  ...names.flatMap((name) => ENDINGS.map((ending) => named(record, `${name}${ending}`))),
  {
    name: `${names.join(' and ')} of one process`,
    series: { ...PRODUCTION, ...histogram(`${names[0]}_seconds`), ...histogram(`${names[1]}_seconds`) },
    expect: expected(record),
  },
];

export const DURATIONS: readonly RuleTest[] = [
  ...generations(DURATION, ['gen_ai_client_operation_duration', 'gen_ai_client_inference_duration']),
  {
    name: 'an embedding beside chats of the newer generation',
    series: {
      ...histogram('gen_ai_client_inference_duration_seconds'),
      ...histogram('gen_ai_client_operation_duration_seconds', OURS.replace('chat"', 'embeddings"')),
    },
    expect: [{ expr: `sum(${DURATION}{le="+Inf"})`, at: '8m', is: { '{}': 12 } }],
  },
  {
    name: 'an instrumentation with the older words, and without a feature',
    series: {
      [`target_info{${PROCESS}, deployment_environment="production"}`]: '1x30',
      ...histogram(
        'gen_ai_client_operation_duration_seconds',
        'gen_ai_operation_name="chat", gen_ai_system="openai", gen_ai_response_model="m"',
      ),
    },
    expect: expected(DURATION, `deployment_environment_name="production", ${CALL}, tokenmeter_feature="untagged"`),
  },
  {
    name: 'a store that puts the environment on each series',
    series: histogram('gen_ai_client_operation_duration_seconds', RECORDED),
    expect: expected(DURATION),
  },
  {
    name: 'a process that says two environments',
    series: {
      ...PRODUCTION,
      [`target_info{${PROCESS}, deployment_environment_name="staging"}`]: '1x30',
      ...histogram('gen_ai_client_operation_duration_seconds'),
    },
    expect: [{ expr: `sum(${DURATION}{le="0.64"})`, at: '8m', is: { '{}': 6 } }],
  },
  {
    name: 'quantiles',
    // Of ten calls a minute nine take up to 0.64 s and one up to 1.28 s.
    series: {
      [`gen_ai_client_operation_duration_bucket{${CALL}, le="0.64"}`]: '0+9x30',
      [`gen_ai_client_operation_duration_bucket{${CALL}, le="1.28"}`]: '0+10x30',
      [`gen_ai_client_operation_duration_bucket{${CALL}, le="+Inf"}`]: '0+10x30',
      [`gen_ai_client_operation_duration_sum{${CALL}}`]: '0+5x30',
    },
    expect: [
      { expr: `histogram_quantile(0.5, sum by (le) (${DURATION}))`, at: '20m', is: { '{}': (0.64 * 5) / 9 } },
      { expr: `histogram_quantile(0.95, sum by (le) (${DURATION}))`, at: '20m', is: { '{}': 0.96 } },
    ],
  },
];

export const FIRST_CHUNKS: readonly RuleTest[] = generations(FIRST_CHUNK, [
  'gen_ai_client_operation_time_to_first_chunk',
  'gen_ai_client_inference_time_to_first_chunk',
]);

const TYPE = 'gen_ai_token_type="input"';

export const TOKENS_OF_CALLS: readonly RuleTest[] = [
  {
    name: 'gen_ai.client.token.usage',
    series: { ...PRODUCTION, ...histogram('gen_ai_client_token_usage', `${OURS}, ${TYPE}`) },
    expect: expected(CALL_TOKENS, `${RECORDED}, ${TYPE}`),
  },
  ...['input', 'output'].map((type) => ({
    name: `gen_ai.client.inference.operation.${type}_tokens`,
    series: { ...PRODUCTION, ...histogram(`gen_ai_client_inference_operation_${type}_tokens`) },
    expect: expected(CALL_TOKENS, `${RECORDED}, gen_ai_token_type="${type}"`),
  })),
];

/** Born at 300, a missed scrape, a reset, and at last a minute of 50 more: 300 + 400 + 100 + 50. */
const COUNTED = '_x5 300 700 stale 700 100 150 150x10';
const counted = (name: string, series: Series, labels = `${RECORDED}, ${TYPE}`): RuleTest => ({
  ...{ name, series: { ...PRODUCTION, ...series } },
  expect: [{ expr: `sum_over_time(${TOKENS}[20m])`, at: '19m', is: { [`{${labels}}`]: 850 } }],
});
const of = (labels: string): string => `{${OURS}, ${PROCESS}, ${labels}}`;

const OTHER_WORDS = [
  'gen_ai_operation_name="chat", gen_ai_system="openai", gen_ai_response_model="m"',
  'gen_ai_operation_name="chat", gen_ai_system="openai", gen_ai_response_model="m", tokenmeter_feature="untagged"',
  'gen_ai_operation_name="chat", gen_ai_provider_name="openai", gen_ai_response_model="m"',
];
const WORDED = { '{tokenmeter_feature="chat"}': 2 * 850, '{tokenmeter_feature="untagged"}': 2 * 3 * 850 };

export const TOKENS_COUNTED: readonly RuleTest[] = [
  counted('gen_ai.client.token.usage', { [`gen_ai_client_token_usage_sum${of(TYPE)}`]: COUNTED }),
  ...['input', 'output'].flatMap((type) =>
    ['_total', ''].map((ending) => {
      const name = `gen_ai_client_inference_usage_${type}_tokens${ending}`;
      const modality = of('gen_ai_token_modality="text"');
      return counted(name, { [`${name}${modality}`]: COUNTED }, `${RECORDED}, gen_ai_token_type="${type}"`);
    }),
  ),
  {
    ...counted('the same by other words, in one process and in another', {
      [`gen_ai_client_token_usage_sum${of(TYPE)}`]: COUNTED,
      [`gen_ai_client_token_usage_sum${of(`${TYPE}, gen_ai_response_model="m"`)}`]: COUNTED,
      ...Object.fromEntries(
        OTHER_WORDS.flatMap((words) =>
          ['a', 'b'].map((instance) => [
            `gen_ai_client_token_usage_sum{job="shop", instance="${instance}", ${words}, ${TYPE}}`,
            COUNTED,
          ]),
        ),
      ),
      'target_info{job="shop", instance="b", deployment_environment_name="production"}': '1x30',
    }),
    expect: [{ expr: `sum by (tokenmeter_feature) (sum_over_time(${TOKENS}[20m]))`, at: '19m', is: WORDED }],
  },
  counted('two generations of one process', {
    [`gen_ai_client_token_usage_sum${of(TYPE)}`]: COUNTED,
    [`gen_ai_client_inference_usage_input_tokens_total${of('gen_ai_token_modality="unknown"')}`]: COUNTED,
  }),
];
