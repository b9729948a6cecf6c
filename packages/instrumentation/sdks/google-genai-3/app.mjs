import * as sdk from '@google/genai';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'google-genai', Client: sdk.GoogleGenAI, sdk });
