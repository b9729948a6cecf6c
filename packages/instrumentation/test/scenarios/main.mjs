/**
 * The child side of the transparency proof.
 *
 * A *scenario* is a small function that uses an SDK as an app would and writes what it saw into a *transcript*. An
 * `app.mjs` or `app.cjs` in each SDK project loads the SDK as such an app does (`import`, `require`) and hands it to
 * `main`, which runs every scenario in turn and prints the transcripts as one JSON document on stdout. The process then
 * ends by itself: whatever keeps it alive is a difference, too.
 */
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { toolbox } from './toolbox.mjs';
import { createTranscript } from './transcript.mjs';

/**
 * Every scenario of an SDK family, in the order in which they run, and how a client is made of the settings that the
 * SDKs by Stainless take (default: as these do).
 */
const FAMILIES = {
  openai: () => import('./openai/index.mjs'),
  anthropic: () => import('./anthropic/index.mjs'),
  'google-genai': async () => ({ ...(await import('./google-genai/index.mjs')), clientOf: googleClient }),
  'google-generative-ai': async () => ({
    ...(await import('./google-generative-ai/index.mjs')),
    clientOf: (Class, { apiKey }) => new Class(apiKey),
  }),
  groq: () => compatible({ chat: 'llama-3.3-70b-versatile', embeddings: 'llama-3.3-70b-versatile' }),
  ollama: async () => plain((await import('./plain/ollama.mjs')).adapter),
  bedrock: async () => plain((await import('./plain/bedrock.mjs')).adapter),
  cohere: async () => plain((await import('./plain/cohere.mjs')).adapter),
  mistral: async () => plain((await import('./plain/speakeasy.mjs')).mistral),
  openrouter: async () => plain((await import('./plain/speakeasy.mjs')).openrouter),
  together: () =>
    compatible({ chat: LLAMA_AT_TOGETHER, completions: LLAMA_AT_TOGETHER, embeddings: LLAMA_AT_TOGETHER }),
};

/** The scenarios of SDKs whose methods return plain promises, through an adapter for each. */
async function plain(adapter) {
  const { scenariosOf } = await import('./plain/index.mjs');
  return { scenarios: scenariosOf(adapter), clientOf: adapter.clientOf };
}

function googleClient(Class, { apiKey, baseURL, defaultHeaders, retryOptions }) {
  const httpOptions = { baseUrl: baseURL, headers: defaultHeaders, ...(retryOptions && { retryOptions }) };
  return new Class({ apiKey, httpOptions });
}

const LLAMA_AT_TOGETHER = 'meta-llama/Llama-3.3-70B-Instruct-Turbo';

/** OpenAI's own scenarios, for an SDK that was generated like its own. */
async function compatible(models) {
  const { shared, useModels } = await import('./openai/index.mjs');
  useModels(models);
  return { scenarios: shared };
}

/**
 * `loaded`: `{ family, Client, sdk, APIPromise, Stream, z?, zodHelpers? }`, as the app got them.
 * Environment: `SCENARIO_BASE_URL`, `SCENARIO_STRICT_URL` (a host that refuses `stream_options`), `SCENARIO_SEEN_URL` (what
 * the provider's side has seen of a scenario), `SCENARIO_TAGGER` (optional: module with `withFeature`, so that a record names the scenario that made it), `SCENARIO_ONLY` (optional:
 * names, separated by `|`), `SCENARIO_UNGUARDED` (optional: an error that nobody handles ends the process, as it does in
 * apps).
 */
export async function main(loaded) {
  const { scenarios, clientOf } = await FAMILIES[loaded.family]();
  const tag = await loadTagger(process.env.SCENARIO_TAGGER);
  const only = process.env.SCENARIO_ONLY?.split('|');
  const document = { skipped: [], scenarios: {}, stray: [] };
  let current = createTranscript();
  const stray = current;
  if (!process.env.SCENARIO_UNGUARDED) {
    process.on('unhandledRejection', (reason) => current.event('unhandledRejection', reason));
    process.on('uncaughtException', (error) => current.event('uncaughtException', error));
  }
  process.on('warning', (warning) => current.event('warning', warning));

  for (const scenario of scenarios) {
    if (only && !only.includes(scenario.name)) continue;
    const tools = toolbox({ ...loaded, clientOf }, scenario.name, () => current);
    if (!scenario.needs.some((path) => typeof reach(tools.client, path) === 'function')) {
      document.skipped.push(scenario.name);
      continue;
    }
    current = createTranscript();
    try {
      await tag(scenario.name, () => scenario.run(tools));
    } catch (error) {
      current.event('scenario threw', error);
    }
    await quiet();
    document.scenarios[scenario.name] = current.lines;
  }
  current = stray;
  await quiet();
  document.stray = stray.lines;
  process.stdout.write(JSON.stringify(document));
}

/** Long enough for Node to report the rejections that nobody handled, and for a socket to close. */
async function quiet() {
  for (let turn = 0; turn < 3; turn += 1) await immediate();
  await sleep(2);
}

function reach(root, path) {
  return path.split('.').reduce((value, key) => value?.[key], root);
}

async function loadTagger(specifier) {
  if (!specifier) return (_name, run) => run();
  const { withFeature } = await import(specifier);
  return withFeature;
}
