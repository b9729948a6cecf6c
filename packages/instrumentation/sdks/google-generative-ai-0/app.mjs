import * as sdk from '@google/generative-ai';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'google-generative-ai', Client: sdk.GoogleGenerativeAI, sdk });
