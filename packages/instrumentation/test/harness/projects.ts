/** The SDK versions that are proven: each is a small npm project in `sdks/`, loaded in two ways. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A family: SDKs that run the same scenarios. Its name is the fake provider's, too. */
export type Family =
  | 'openai'
  | 'anthropic'
  | 'google-genai'
  | 'google-generative-ai'
  | 'groq'
  | 'together'
  | 'ollama'
  | 'mistral'
  | 'openrouter'
  | 'cohere'
  | 'bedrock';
export type ModuleSystem = 'cjs' | 'esm';

export interface Project {
  /** Folder below `sdks/`. */
  readonly folder: string;
  readonly family: Family;
  /** The version that its lock file pins, as installed. */
  readonly version: string;
}

const PACKAGES: Readonly<Record<Family, string>> = {
  openai: 'openai',
  anthropic: '@anthropic-ai/sdk',
  'google-genai': '@google/genai',
  'google-generative-ai': '@google/generative-ai',
  groq: 'groq-sdk',
  together: 'together-ai',
  ollama: 'ollama',
  mistral: '@mistralai/mistralai',
  openrouter: '@openrouter/sdk',
  cohere: 'cohere-ai',
  bedrock: '@aws-sdk/client-bedrock-runtime',
};

export const MODULE_SYSTEMS: readonly ModuleSystem[] = ['cjs', 'esm'];

export const PROJECTS: readonly Project[] = (
  [
    ['openai-4', 'openai'],
    ['openai-5', 'openai'],
    ['openai-6', 'openai'],
    ['openai-7', 'openai'],
    ['anthropic-0.30', 'anthropic'],
    ['anthropic-0', 'anthropic'],
    ['anthropic-1', 'anthropic'],
    ['google-genai-1.20', 'google-genai'],
    ['google-genai-1', 'google-genai'],
    ['google-genai-2', 'google-genai'],
    ['google-genai-3', 'google-genai'],
    ['google-generative-ai-0', 'google-generative-ai'],
    ['groq-0', 'groq'],
    ['groq-1', 'groq'],
    ['together-0', 'together'],
    ['ollama-0', 'ollama'],
    ['mistral-2', 'mistral'],
    ['openrouter-1', 'openrouter'],
    ['cohere-8', 'cohere'],
    ['bedrock-3', 'bedrock'],
  ] as const
).map(([folder, family]) => ({ folder, family, version: installed(folder, family) }));

export const projectOf = (folder: string): Project => {
  const project = PROJECTS.find((candidate) => candidate.folder === folder);
  if (!project) throw new Error(`No SDK project "${folder}". There are: ${PROJECTS.map((p) => p.folder).join(', ')}.`);
  return project;
};

/** The app that loads the SDK of a project: `app.cjs` by `require`, `app.mjs` by `import`. */
export function appOf(project: Project, system: ModuleSystem): string {
  return sdkPath(`${project.folder}/app.${system === 'cjs' ? 'cjs' : 'mjs'}`);
}

function installed(folder: string, family: Family): string {
  const path = sdkPath(`${folder}/node_modules/${PACKAGES[family]}/package.json`);
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  } catch (cause) {
    throw new Error(`The SDK project ${folder} is not installed: run \`npm test\` once, or \`npm ci\` in it.`, {
      cause,
    });
  }
}

function sdkPath(path: string): string {
  return fileURLToPath(new URL(`../../sdks/${path}`, import.meta.url));
}
