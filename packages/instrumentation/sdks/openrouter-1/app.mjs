import * as sdk from '@openrouter/sdk';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'openrouter', Client: sdk.OpenRouter, sdk });
