const sdk = require('@anthropic-ai/sdk');
const { APIPromise } = require('@anthropic-ai/sdk/core/api-promise');
const { Stream } = require('@anthropic-ai/sdk/core/streaming');

void import('../../test/scenarios/main.mjs').then(({ main }) =>
  main({ family: 'anthropic', Client: sdk.Anthropic, sdk, APIPromise, Stream }),
);
