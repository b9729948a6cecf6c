/** The proof itself: it finds nothing where there is nothing, and finds each of the ways in which instrumentation breaks apps. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Run, runScenarios } from './harness/child.ts';
import { compareRuns, describeDifferences } from './harness/compare.ts';
import { projectOf } from './harness/projects.ts';

const OPENAI = projectOf('openai-6');
const ANTHROPIC = projectOf('anthropic-1');

/** A few scenarios for each property that the proof is after. */
const SAMPLE = [
  'chat create is an APIPromise',
  'chat withResponse',
  'chat asResponse json',
  'chat parse zod',
  'chat: when the request leaves',
  'chat stream helper',
  'chat stream',
  'chat stream break',
  'chat stream tee',
  'chat stream: nothing is read ahead',
  'chat stream with frozen params',
  'chat stream params reused',
  'chat 401 fired and forgotten',
  'responses parse',
  'responses stream helper',
  'responses stream withResponse',
];

const preload = (name: string): string[] => [
  '--require',
  fileURLToPath(new URL(`./preloads/${name}.cjs`, import.meta.url)),
];

/** Where two runs differ: the names before the first `>`. */
function placesOf(without: Run, withIt: Run): string[] {
  return [...new Set(compareRuns(without, withIt).map(({ where }) => where.split(' > ')[0] ?? where))];
}

describe('without instrumentation', () => {
  test.each([
    [OPENAI, 'cjs'],
    [projectOf('openai-7'), 'esm'],
    [ANTHROPIC, 'esm'],
  ] as const)('two runs of $folder are the same', async (project, system) => {
    const [first, second] = await Promise.all([runScenarios(project, system), runScenarios(project, system)]);
    expect(describeDifferences(compareRuns(first, second))).toEqual([]);
    expect(Object.keys(first.scenarios).length).toBeGreaterThan(40);
    expect(first.exitCode).toBe(0);
  });
});

describe('the proof finds an instrumentation of openai that', () => {
  let without: Run;

  beforeAll(async () => {
    without = await runScenarios(OPENAI, 'cjs', { only: SAMPLE });
    expect(Object.keys(without.scenarios).sort()).toEqual([...SAMPLE].sort());
  });

  test.each([
    [
      'subscribes-to-the-promise',
      ['chat asResponse json', 'chat parse zod', 'chat 401 fired and forgotten', 'responses parse'],
    ],
    ['swallows-rejections', ['chat 401 fired and forgotten']],
    ['derives-a-promise', ['chat 401 fired and forgotten']],
    ['observes-by-tee', ['chat stream break', 'chat stream: nothing is read ahead']],
    ['reads-ahead', ['chat stream: nothing is read ahead']],
    ['shows-the-usage-chunk', ['chat stream']],
    ['changes-params', ['chat stream with frozen params', 'chat stream params reused']],
    ['adds-a-header', ['chat withResponse']],
    ['waits-before-the-call', ['chat: when the request leaves']],
    ['returns-another-promise', ['chat create is an APIPromise', 'chat withResponse', 'responses parse']],
    ['replaces-the-stream', ['chat stream', 'chat stream tee', 'responses stream withResponse']],
    ['writes-to-stderr', ['process']],
  ])('%s', async (name, places) => {
    const withIt = await runScenarios(OPENAI, 'cjs', { only: SAMPLE, nodeArgs: preload(name) });
    expect(placesOf(without, withIt)).toEqual(expect.arrayContaining(places));
  });

  test('keeps-the-process-alive', async () => {
    const withIt = await runScenarios(OPENAI, 'cjs', {
      only: ['chat create'],
      nodeArgs: preload('keeps-the-process-alive'),
      deadline: 3000,
    });
    expect(withIt.signal).toBe('SIGKILL');
  });
});

describe('the proof finds an instrumentation of @anthropic-ai/sdk that', () => {
  const only = ['messages asResponse json', 'messages stream helper', 'messages stream break', 'messages 401 fired and forgotten'];
  let without: Run;

  beforeAll(async () => {
    without = await runScenarios(ANTHROPIC, 'cjs', { only });
  });

  test.each([
    ['subscribes-to-the-promise', ['messages asResponse json', 'messages 401 fired and forgotten']],
    ['returns-another-promise', ['messages asResponse json', 'messages stream helper']],
    ['observes-by-tee', ['messages stream break']],
  ])('%s', async (name, places) => {
    const withIt = await runScenarios(ANTHROPIC, 'cjs', { only, nodeArgs: preload(name) });
    expect(placesOf(without, withIt)).toEqual(expect.arrayContaining(places));
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
