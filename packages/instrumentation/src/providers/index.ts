import type { OwnSdk, SdkDefinition } from '../patching/sdk.ts';
import { anthropic } from './anthropic/patch.ts';
import { googleGenai } from './google-genai/patch.ts';
import { googleGenerativeAi } from './google-generative-ai/patch.ts';
import { openai } from './openai/patch.ts';

/** Every SDK that is patched. A new one is a folder beside this file and a line here. */
export const SDKS: readonly (SdkDefinition | OwnSdk)[] = [openai, anthropic, googleGenai, googleGenerativeAi];
