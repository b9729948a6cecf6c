const sdk = require('@google/genai');

void import('../../test/scenarios/main.mjs').then(({ main }) =>
  main({ family: 'google-genai', Client: sdk.GoogleGenAI, sdk }),
);
