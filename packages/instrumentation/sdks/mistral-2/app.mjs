import * as sdk from '@mistralai/mistralai';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'mistral', Client: sdk.Mistral, sdk });
