import type { OwnSdk } from '../patching/sdk.ts';
import { aiSdk } from './ai-sdk/patch.ts';
import { langchain } from './langchain/patch.ts';

/** Every framework that is known. It adds attribution, or hands over calls that no SDK makes; it never counts a second time. */
export const FRAMEWORKS: readonly OwnSdk[] = [langchain, aiSdk];
