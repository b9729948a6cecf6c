/**
 * The JSON Schema of `tokenmeter.yaml`. Editors use the copy in `schema/tokenmeter.schema.json`, which `schema/write.ts`
 * writes. Descriptions complete the sentence "must be …": error messages are made of them.
 */
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
      }),
      featureNames,
    ),
    routes: map('a mapping from route to feature', feature, {
      pattern: ROUTE,
      description: 'a route, e.g. "POST /chat/*"',
    }),
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
    ledger: closed('the settings of the ledger', {
      dir: text('the path of a folder'),
      keepDays: { type: 'integer', minimum: 1, maximum: 3650, description: 'a number of days from 1 to 3650' },
    }),
  }),
};
