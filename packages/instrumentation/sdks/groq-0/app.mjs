import Groq, * as sdk from 'groq-sdk';
import { APIPromise } from 'groq-sdk/core';
import { Stream } from 'groq-sdk/lib/streaming';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'groq', Client: Groq, sdk, APIPromise, Stream });
