const sdk = require('openai');
const { APIPromise } = require('openai/core/api-promise');
const { Stream } = require('openai/core/streaming');
const zodHelpers = require('openai/helpers/zod');
const { z } = require('zod');

void import('../../test/scenarios/main.mjs').then(({ main }) =>
  main({ family: 'openai', Client: sdk.OpenAI, sdk, APIPromise, Stream, z, zodHelpers }),
);
