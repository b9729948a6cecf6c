import Anthropic, * as sdk from '@anthropic-ai/sdk';
import { APIPromise } from '@anthropic-ai/sdk/core/api-promise';
import { Stream } from '@anthropic-ai/sdk/core/streaming';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'anthropic', Client: Anthropic, sdk, APIPromise, Stream });
