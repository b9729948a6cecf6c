const sdk = require('@openrouter/sdk');

void import('../../test/scenarios/main.mjs').then(({ main }) =>
  main({ family: 'openrouter', Client: sdk.OpenRouter, sdk }),
);
