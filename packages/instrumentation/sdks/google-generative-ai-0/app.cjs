const sdk = require('@google/generative-ai');

void import('../../test/scenarios/main.mjs').then(({ main }) =>
  main({ family: 'google-generative-ai', Client: sdk.GoogleGenerativeAI, sdk }),
);
