import OpenAI, * as sdk from 'openai';
import { APIPromise } from 'openai/core/api-promise';
import { Stream } from 'openai/core/streaming';
import * as zodHelpers from 'openai/helpers/zod';
import { z } from 'zod';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'openai', Client: OpenAI, sdk, APIPromise, Stream, z, zodHelpers });
