import Together, * as sdk from 'together-ai';
import { APIPromise } from 'together-ai/core/api-promise';
import { Stream } from 'together-ai/core/streaming';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'together', Client: Together, sdk, APIPromise, Stream });
