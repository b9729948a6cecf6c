const sdk = require('cohere-ai');

void import('../../test/scenarios/main.mjs').then(({ main }) =>
  main({ family: 'cohere', Client: sdk.CohereClientV2, sdk }),
);
