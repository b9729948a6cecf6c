import * as sdk from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'bedrock', Client: sdk.BedrockRuntimeClient, sdk, NodeHttpHandler });
