const sdk = require('together-ai');
const { APIPromise } = require('together-ai/core/api-promise');
const { Stream } = require('together-ai/core/streaming');

void import('../../test/scenarios/main.mjs').then(({ main }) =>
  main({ family: 'together', Client: sdk.Together, sdk, APIPromise, Stream }),
);
