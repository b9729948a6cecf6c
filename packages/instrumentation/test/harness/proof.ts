/**
 * The proof of transparency, for one family of SDKs: every version, in both module systems, runs all scenarios twice,
 * without anything and with `tokenmeter/register` preloaded; the two transcripts must be the same, and what was recorded
 * in the second run must be exactly the calls that were made.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Run, type RunOptions, runScenarios } from './child.ts';
import { compareRuns, describeDifferences, usesOfTheException } from './compare.ts';
import type { ExpectedCalls } from './expected.ts';
import { type Family, MODULE_SYSTEMS, PROJECTS } from './projects.ts';
import { callsByScenario, type RecordedCalls, readRecorded, tokensOf } from './recorded.ts';

/** What users preload, as built. */
const REGISTER = fileURLToPath(new URL('../../../tokenmeter/dist/register.cjs', import.meta.url));
/** Where `withFeature` comes from: a scenario's calls carry its name. */
const TOKENMETER = new URL('../../../tokenmeter/dist/index.mjs', import.meta.url);

/** Under what the family must hold. */
export interface Claim {
  readonly family: Family;
  /** Scenarios that a version skips because it lacks their method; a version without an entry skips none. */
  readonly skipped: Readonly<Record<string, readonly string[]>>;
  /** Scenarios in which the SDK retries without saying so in the request: their requests are more than their calls. */
  readonly retriesUnsaid?: readonly string[];
  /** Scenarios whose requests ask for the usage that the caller did not ask for. */
  readonly askForUsage: readonly string[];
  /** What each scenario must leave in the ledger. */
  readonly calls: ExpectedCalls;
  /** A scenario whose failure nobody handles: without a handler of its own the process dies of it. */
  readonly fatal: string;
}

const INSTRUMENTED: RunOptions = {
  nodeArgs: ['--require', REGISTER],
  env: { TOKENMETER_LEDGER: '1', SCENARIO_TAGGER: TOKENMETER.href },
};

/** Registers the tests of a family. */
export function prove(claim: Claim): void {
  const projects = PROJECTS.filter((project) => project.family === claim.family);
  for (const project of projects) {
    describe.each(MODULE_SYSTEMS)(`${project.family} ${project.version} in %s`, (system) => {
      let without: Run;
      let withIt: Run;
      let recorded: RecordedCalls;

      beforeAll(async () => {
        if (!existsSync(REGISTER)) throw new Error(`${REGISTER} is not built. Run \`npm run build\` first.`);
        [without, withIt] = await Promise.all([
          runScenarios(project, system),
          runScenarios(project, system, {
            ...INSTRUMENTED,
            inspect: async (directory) => {
              recorded = await readRecorded(directory);
            },
          }),
        ]);
      });

      test('runs every scenario that the version has methods for', () => {
        const skipped = claim.skipped[project.folder] ?? [];
        expect(without.skipped).toEqual(skipped);
        const names = [...Object.keys(without.scenarios), ...skipped];
        expect(names.sort()).toEqual(Object.keys(claim.calls).sort());
      });

      test('shows the app no difference', () => {
        expect(describeDifferences(compareRuns(without, withIt))).toEqual([]);
      });

      test('asks for usage exactly where the caller left it open', () => {
        const asked = claim.askForUsage.filter((name) => without.scenarios[name]);
        expect(usesOfTheException(without, withIt).sort()).toEqual([...asked].sort());
      });

      test('records every call once, with its outcome', () => {
        expect(recorded.doubles).toEqual([]);
        const expected = Object.fromEntries(
          Object.keys(withIt.scenarios).map((name) => [name, claim.calls[name] ?? []]),
        );
        expect(matched(callsByScenario(recorded), expected)).toEqual(expected);
      });

      test('records as many calls as the provider was asked', () => {
        const calls = callsByScenario(recorded);
        for (const [name, { exchanges }] of Object.entries(withIt.scenarios)) {
          if (claim.retriesUnsaid?.includes(name)) continue;
          const asked = exchanges.filter(
            ({ method, headers, path }) => method === 'POST' && isFirst(headers) && !/count_?tokens/i.test(path),
          );
          const probes = without.scenarios[name]?.exchanges.length === exchanges.length ? 0 : 1;
          if (asked.length > 0) expect([name, calls[name]?.length]).toEqual([name, asked.length - probes]);
        }
      });

      test('records the tokens that the provider counted', () => {
        for (const [name, { exchanges, tokens }] of Object.entries(withIt.scenarios)) {
          const found = tokensOf(recorded, name);
          if (found && exchanges.length > 0) expect([name, found]).toEqual([name, tokens]);
        }
      });
    });

    test(`${project.family} ${project.version} dies of an unhandled failure as it does without us`, async () => {
      let recorded: RecordedCalls | undefined;
      const options = { only: [claim.fatal], unguarded: true };
      const [without, withIt] = await Promise.all([
        runScenarios(project, 'cjs', options),
        runScenarios(project, 'cjs', {
          ...options,
          ...INSTRUMENTED,
          inspect: async (directory) => {
            recorded = await readRecorded(directory);
          },
        }),
      ]);
      expect(without.exitCode).toBe(1);
      expect([withIt.exitCode, withIt.signal, lastWords(withIt)]).toEqual([1, null, lastWords(without)]);
      expect(recorded && callsByScenario(recorded)).toEqual({ [claim.fatal]: claim.calls[claim.fatal] });
    });
  }
}

/** What Node says of the error: the message, without the stack, which may name other frames. */
function lastWords({ stderr }: Run): string[] {
  return stderr.split('\n').filter((line) => /Error: /.test(line));
}

function isFirst(headers: readonly string[]): boolean {
  return !headers.some((header) => /^x-stainless-retry-count: [1-9]/.test(header));
}

/** What was recorded; a call that fits an expectation is shown as the expectation itself, in its place. */
function matched(calls: Readonly<Record<string, readonly string[]>>, expected: ExpectedCalls): ExpectedCalls {
  const names = new Set([...Object.keys(expected), ...Object.keys(calls)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const left = [...(calls[name] ?? [])];
      const met = (expected[name] ?? []).filter((wanted) => {
        const found = left.findIndex((call) => fits(call, wanted));
        if (found !== -1) left.splice(found, 1);
        return found !== -1;
      });
      return [name, [...met, ...left]];
    }),
  );
}

function fits(call: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? wanted === call : wanted.test(call);
}
