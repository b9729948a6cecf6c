import Groq, * as sdk from 'groq-sdk';
import { APIPromise } from 'groq-sdk/core/api-promise';
import { Stream } from 'groq-sdk/core/streaming';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'groq', Client: Groq, sdk, APIPromise, Stream });
