import OpenAI, * as sdk from 'openai';
import { APIPromise } from 'openai/core';
import * as zodHelpers from 'openai/helpers/zod';
import { Stream } from 'openai/streaming';
import { z } from 'zod';
import { main } from '../../test/scenarios/main.mjs';

await main({ family: 'openai', Client: OpenAI, sdk, APIPromise, Stream, z, zodHelpers });
