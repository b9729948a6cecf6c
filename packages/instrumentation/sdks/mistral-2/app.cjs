const sdk = require('@mistralai/mistralai');

void import('../../test/scenarios/main.mjs').then(({ main }) => main({ family: 'mistral', Client: sdk.Mistral, sdk }));
