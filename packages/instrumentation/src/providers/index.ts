import type { OwnSdk, SdkDefinition } from '../patching/sdk.ts';
import { anthropic } from './anthropic/patch.ts';
import { bedrock } from './bedrock/patch.ts';
import { cohere } from './cohere/patch.ts';
import { googleGenai } from './google-genai/patch.ts';
import { googleGenerativeAi } from './google-generative-ai/patch.ts';
import { groq } from './groq/patch.ts';
import { mistral } from './mistral/patch.ts';
import { ollama } from './ollama/patch.ts';
import { openai } from './openai/patch.ts';
import { openrouter } from './openrouter/patch.ts';
import { together } from './together/patch.ts';

/** Every SDK that is patched. A new one is a folder beside this file and a line here. */
export const SDKS: readonly (SdkDefinition | OwnSdk)[] = [
  openai,
  anthropic,
  googleGenai,
  googleGenerativeAi,
  groq,
  together,
  ollama,
  mistral,
  openrouter,
  cohere,
  bedrock,
];
