import Anthropic, * as sdk from '@anthropic-ai/sdk';
import { APIPromise } from '@anthropic-ai/sdk/core';
import { Stream } from '@anthropic-ai/sdk/streaming';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'anthropic', Client: Anthropic, sdk, APIPromise, Stream });
