/** What is called, by the name of a project without its major version. */
import { aiSdk } from './ai-sdk.mjs';
import { anthropic } from './anthropic.mjs';
import { googleGenai } from './google-genai.mjs';
import { langchain } from './langchain.mjs';
import { openai } from './openai.mjs';

const SUBJECTS = { openai, anthropic, 'google-genai': googleGenai, ai: aiSdk, langchain };

/**
 * `open(require, { native })` gives the app's own call, made ready in a fresh process; with `native`, telemetry that the
 * SDK has of its own stays on. `floor` is what `floor.mjs` needs to know of it.
 */
export function subjectOf(project) {
  return SUBJECTS[project.replace(/-\d+$/, '')];
}
