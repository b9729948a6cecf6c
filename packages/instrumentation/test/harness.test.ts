/** The proof itself: it finds nothing where there is nothing, and finds each of the ways in which instrumentation breaks apps. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Run, runScenarios } from './harness/child.ts';
import { compareRuns, describeDifferences, scenarioOf } from './harness/compare.ts';
import { projectOf } from './harness/projects.ts';

const OPENAI = projectOf('openai-6');
const ANTHROPIC = projectOf('anthropic-1');
const GOOGLE = projectOf('google-genai-3');
const OLLAMA = projectOf('ollama-0');

const preload = (name: string): string[] => [
  '--require',
  fileURLToPath(new URL(`./preloads/${name}.cjs`, import.meta.url)),
];

/** The scenarios in which two runs differ. */
function placesOf(without: Run, withIt: Run): string[] {
  return [...new Set(compareRuns(without, withIt).map(({ where }) => scenarioOf(where)))].sort();
}

describe('without instrumentation', () => {
  test.each([
    [projectOf('openai-7'), 'cjs'],
    [ANTHROPIC, 'esm'],
    [GOOGLE, 'esm'],
  ] as const)('two runs of $folder are the same', async (project, system) => {
    const [first, second] = await Promise.all([runScenarios(project, system), runScenarios(project, system)]);
    expect(describeDifferences(compareRuns(first, second))).toEqual([]);
    expect(Object.keys(first.scenarios).length).toBeGreaterThan(40);
    expect(first.exitCode).toBe(0);
  });
});

/** What each bad preload breaks: the scenarios in which that must show. */
const OPENAI_BREAKS: Readonly<Record<string, readonly string[]>> = {
  'subscribes-to-the-promise': [
    'chat asResponse json',
    'chat parse zod',
    'chat 401 fired and forgotten',
    'responses parse',
  ],
  'returns-another-promise': ['chat create is an APIPromise', 'chat withResponse', 'responses parse'],
  'derives-a-promise': ['chat 401 fired and forgotten'],
  'swallows-rejections': ['chat 401 fired and forgotten'],
  'replaces-the-stream': ['chat stream', 'chat stream tee', 'responses stream withResponse'],
  'observes-by-tee': ['chat stream break', 'chat stream: nothing is read ahead'],
  'reads-ahead': ['chat stream: nothing is read ahead'],
  'shows-the-usage-chunk': ['chat stream', 'chat stream helper'],
  'changes-params': ['chat stream with frozen params', 'chat stream params reused'],
  'adds-a-header': ['chat withResponse'],
  'waits-before-the-call': ['chat: when the request leaves'],
};

const ANTHROPIC_BREAKS: typeof OPENAI_BREAKS = {
  'subscribes-to-the-promise': ['messages asResponse json', 'messages 401 fired and forgotten'],
  'returns-another-promise': ['messages asResponse json', 'messages stream helper'],
  'observes-by-tee': ['messages stream break'],
};

const GOOGLE_BREAKS: typeof OPENAI_BREAKS = {
  'google/reads-ahead': ['content bare stream: nothing is read ahead', 'content stream: nothing is read ahead'],
  'google/swallows-rejections': ['content 401 fired and forgotten'],
  'google/waits-before-the-call': ['content: when the request leaves'],
  'google/changes-params': ['content generate'],
  'google/leaves-the-stream-open': ['content bare stream iterator return', 'content bare stream'],
};

/** The scenarios that every SDK with plain promises runs. */
const PLAIN_BREAKS: typeof OPENAI_BREAKS = {
  'plain/swallows-rejections': ['create 401 fired and forgotten', 'stream 401 fired and forgotten'],
  'plain/replaces-the-stream': ['stream', 'stream iterated twice'],
  'plain/changes-params': ['create leaves its params alone', 'stream leaves its params alone'],
};

describe.each([
  [OPENAI, OPENAI_BREAKS],
  [ANTHROPIC, ANTHROPIC_BREAKS],
  [GOOGLE, GOOGLE_BREAKS],
  [OLLAMA, PLAIN_BREAKS],
])('in $family, the proof finds an instrumentation that', (project, breaks) => {
  let without: Run;

  beforeAll(async () => {
    without = await runScenarios(project, 'cjs', { only: [...new Set(Object.values(breaks).flat())] });
  });

  test.concurrent.each(Object.entries(breaks))('%s', async (name, places) => {
    const withIt = await runScenarios(project, 'cjs', { only: places, nodeArgs: preload(name) });
    const scenarios = Object.fromEntries(Object.entries(without.scenarios).filter(([place]) => places.includes(place)));
    expect(placesOf({ ...without, scenarios }, withIt)).toEqual([...places].sort());
  });
});

describe('the proof finds a preload that', () => {
  const only = ['chat create'];

  test.concurrent('writes-to-stderr', async () => {
    const without = await runScenarios(OPENAI, 'cjs', { only });
    const withIt = await runScenarios(OPENAI, 'cjs', { only, nodeArgs: preload('writes-to-stderr') });
    expect(placesOf(without, withIt)).toEqual(['process']);
  });

  test.concurrent('keeps-the-process-alive', async () => {
    const nodeArgs = preload('keeps-the-process-alive');
    const withIt = await runScenarios(OPENAI, 'cjs', { only, nodeArgs, deadline: 3000 });
    expect(withIt.signal).toBe('SIGKILL');
  });
});

describe('the one exception', () => {
  test('forgives the injected include_usage and its event, and nothing beside', async () => {
    const only = ['chat stream'];
    const without = await runScenarios(OPENAI, 'cjs', { only });
    const withIt = await runScenarios(OPENAI, 'cjs', { only, nodeArgs: preload('shows-the-usage-chunk') });
    const places = compareRuns(without, withIt).map(({ where }) => where);
    expect(places.filter((where) => where.includes('> lines')).length).toBeGreaterThan(0);
    expect(places.filter((where) => where.includes('> requests'))).toEqual([]);
  });
});
