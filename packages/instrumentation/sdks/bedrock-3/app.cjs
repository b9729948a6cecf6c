const sdk = require('@aws-sdk/client-bedrock-runtime');
const { NodeHttpHandler } = require('@smithy/node-http-handler');

void import('../../test/scenarios/main.mjs').then(({ main }) =>
  main({ family: 'bedrock', Client: sdk.BedrockRuntimeClient, sdk, NodeHttpHandler }),
);
