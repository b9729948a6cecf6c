const sdk = require('ollama');

void import('../../test/scenarios/main.mjs').then(({ main }) => main({ family: 'ollama', Client: sdk.Ollama, sdk }));
