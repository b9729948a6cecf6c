const sdk = require('groq-sdk');
const { APIPromise } = require('groq-sdk/core/api-promise');
const { Stream } = require('groq-sdk/core/streaming');

void import('../../test/scenarios/main.mjs').then(({ main }) =>
  main({ family: 'groq', Client: sdk.Groq, sdk, APIPromise, Stream }),
);
