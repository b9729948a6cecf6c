/**
 * The JSON Schema of `tokenmeter.yaml`. Editors use the copy in `schema/tokenmeter.schema.json`, which `schema/write.ts`
 * writes. Descriptions complete the sentence "must be …": error messages are made of them.
 */
import type { ChannelName } from '@tokenmeter/budgets';
import type { Usage } from '@tokenmeter/pricing';

const text = (description: string, pattern?: string): object => ({
  type: 'string',
  minLength: 1,
  ...(pattern !== undefined && { pattern }),
  description,
});

const map = (description: string, values: object, names?: object): object => ({
  type: 'object',
  description,
  additionalProperties: values,
  ...(names !== undefined && { propertyNames: names }),
});

const closed = (description: string, properties: Record<string, object>, more: object = {}): object => ({
  type: 'object',
  description,
  additionalProperties: false,
  properties,
  ...more,
});

const list = (description: string, items: object): object => ({ type: 'array', description, items });

const METERS: readonly (keyof Usage)[] = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite30m',
  'cacheWrite1h',
  'cacheWrite12h',
  'reasoning',
  'audioInput',
  'imageInput',
  'videoInput',
  'videoOutput',
  'audioOutput',
  'imageOutput',
  'audioCacheRead',
  'imageCacheRead',
  'videoCacheRead',
  'citation',
  'requests',
  'webSearches',
  'webFetches',
  'fileSearches',
  'codeExecutions',
  'images',
  'pages',
  'searchUnits',
  'inputCharacters',
  'outputCharacters',
  'inputAudioSeconds',
  'outputAudioSeconds',
  'videoSeconds',
];

const ROUTE = '^(?:[A-Z]+ )?/';
const route = text('a route, e.g. "/search", "/chat/*" or "POST /chat"', ROUTE);
const feature = text('the name of a feature');
/** An untagged call has this value: a feature of that name could not be told from it. */
const featureNames = { not: { const: 'untagged' }, minLength: 1, description: 'another name than "untagged"' };

const percent = {
  description: 'a percentage from 0 to 100, e.g. 25%',
  anyOf: [
    { type: 'number', minimum: 0, maximum: 100 },
    { type: 'string', pattern: '^(?:100|\\d{1,2})(?:\\.\\d+)?\\s*%?$' },
  ],
};

const rate = {
  description: 'a rate in USD, as number or decimal text',
  anyOf: [
    { type: 'number', minimum: 0 },
    { type: 'string', pattern: '^\\d+(?:\\.\\d+)?$' },
  ],
};

const date = text('a date or time of ISO 8601, e.g. 2026-11-01 or 2026-11-01T16:00:00Z', '^\\d{4}-\\d{2}-\\d{2}');
const provider = text('the name of a provider, e.g. openai or aws.bedrock');
const model = text('the name of a model');
const period = { from: date, until: date, label: text('the name of the contract') };

const discounts = {
  description: 'a percentage by provider, or a list of discounts',
  if: { type: 'array' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: list(
    'a list of discounts',
    closed(
      'a discount',
      { provider, model, meter: { enum: METERS, description: 'a meter' }, percent, ...period },
      { required: ['percent'] },
    ),
  ),
  else: map('a percentage by provider, or a list of discounts', percent),
};

const overrides = list(
  'a list of prices of your own',
  closed(
    'a price of your own',
    { provider, model, ...period, ...Object.fromEntries(METERS.map((meter) => [meter, rate])) },
    { required: ['model'] },
  ),
);

const httpUrl = (what: string): object => text(`${what}, a URL of http or https`, '^https?://.');

const alerts = closed('the settings of alerts', {
  slack: closed(
    'the settings of Slack',
    { webhook: httpUrl('an incoming webhook of Slack') },
    { required: ['webhook'] },
  ),
  pagerduty: closed(
    'the settings of PagerDuty',
    {
      routingKey: text('the integration key of an Events API v2 integration'),
      url: httpUrl('the address of the Events API, e.g. that of the EU'),
    },
    { required: ['routingKey'] },
  ),
  alertmanager: closed('the settings of Alertmanager', { url: httpUrl('its address') }, { required: ['url'] }),
  webhook: closed('the settings of a webhook of your own', { url: httpUrl('its address') }, { required: ['url'] }),
});

const share = {
  description: 'a percentage, e.g. 80%',
  anyOf: [
    { type: 'number', exclusiveMinimum: 0, maximum: 1000 },
    { type: 'string', pattern: '^\\d{1,4}(?:\\.\\d+)?\\s*%$' },
  ],
};

const oneOf = (...words: string[]): object => ({ enum: words, description: `one of ${words.join(', ')}` });
const amount = (what: string): object => ({
  type: 'integer',
  minimum: 1,
  description: `a number of ${what}, 1 or more`,
});

/** As a record, so that none can be missing. */
const CHANNELS: Readonly<Record<ChannelName, true>> = {
  log: true,
  event: true,
  slack: true,
  pagerduty: true,
  webhook: true,
  alertmanager: true,
};

const BUDGET: Record<string, object> = {
  name: text('the name of the budget'),
  usd: rate,
  tokens: amount('tokens'),
  calls: amount('calls'),
  turns: amount('turns of one request whose prompts grow'),
  per: text('call, request, hour, day, week, month or a duration such as 5m, 24h or 7d'),
  match: map('a mapping from key to the values that fit', {
    description: 'a value or a list of values; a * at the end stands for any rest',
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    ],
  }),
  each: text('the key of which each value has a budget of its own, e.g. tenant'),
  timezone: text('an IANA time zone, e.g. Europe/Berlin'),
  weekStart: oneOf('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'),
  thresholds: { ...list('a list of percentages, e.g. [50%, 80%, 100%]', share), minItems: 1 },
  enforce: oneOf('observe', 'check', 'reserve'),
  hold: oneOf('max', 'learned'),
  onUnpriced: oneOf('allow', 'warn', 'block'),
  onStoreDown: oneOf('allow', 'block'),
  actions: list('a list of actions', oneOf(...Object.keys(CHANNELS), 'throw')),
  owner: text('who is told, e.g. "@search"'),
  renotify: text('a duration such as 30m or 4h'),
};

const budget = (description: string): object => closed(description, BUDGET, { required: ['per'] });

export const SCHEMA: Readonly<Record<string, unknown>> = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://tokenmeter.dev/schema/tokenmeter.schema.json',
  title: 'tokenmeter.yaml',
  ...closed('a mapping of settings', {
    version: { const: 1, description: '1, the version of this format' },
    service: text('the name of the service'),
    environment: text('the name of the deployment environment, e.g. production'),
    features: map(
      'a mapping from feature to its settings',
      closed('the settings of a feature', {
        team: text('the name of a team'),
        owner: text('who owns the feature, e.g. "@search"'),
        routes: list('a list of routes', route),
        budget: budget('a budget of this feature, e.g. { usd: 2, per: day }'),
      }),
      featureNames,
    ),
    routes: map('a mapping from route to feature', feature, {
      pattern: ROUTE,
      description: 'a route, e.g. "POST /chat/*"',
    }),
    budgets: list('a list of budgets', budget('a budget')),
    store: closed(
      'the shared store of budgets',
      {
        redis: text('the URL of a Redis server, e.g. redis://127.0.0.1:6379', '^rediss?://'),
        client: oneOf('redis', 'ioredis'),
        prefix: text('the beginning of its keys'),
        holdSeconds: { type: 'integer', minimum: 1, maximum: 3600, description: 'a number of seconds from 1 to 3600' },
      },
      { required: ['redis'] },
    ),
    tenants: closed('the settings of tenants', {
      onMetrics: { type: 'boolean', description: 'true or false: whether the tenant stands on metrics' },
    }),
    prices: closed('the settings of prices', {
      discounts,
      aliases: map(
        'a mapping from your name of a model to provider/model',
        text('provider/model, e.g. azure.ai.openai/gpt-4o', '.+/.+'),
      ),
      overrides,
      onUnknownModel: {
        enum: ['warn', 'throw', 'ignore'],
        description: 'warn, throw or ignore: what happens to a call of a model without a price',
      },
      refresh: closed(
        'where newer prices come from',
        {
          from: text('the address or the path of a price book'),
          every: text('a time such as 30m, 24h or 7d', '^[1-9]\\d{0,3}[mhd]$'),
        },
        { required: ['from'] },
      ),
    }),
    alerts,
    ledger: closed('the settings of the ledger', {
      dir: text('the path of a folder'),
      keepDays: { type: 'integer', minimum: 1, maximum: 3650, description: 'a number of days from 1 to 3650' },
    }),
  }),
};
