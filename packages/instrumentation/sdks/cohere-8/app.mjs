import * as sdk from 'cohere-ai';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'cohere', Client: sdk.CohereClientV2, sdk });
