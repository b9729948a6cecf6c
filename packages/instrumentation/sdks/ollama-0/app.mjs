import * as sdk from 'ollama';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'ollama', Client: sdk.Ollama, sdk });
