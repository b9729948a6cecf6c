/** Runs Prometheus' own rule tests, on both generations. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateFiles, type MonitoringModel, type RuleGroup, ruleGroups } from '@tokenmeter/monitoring';
import { stringify } from 'yaml';
import { type ProgramName, pathOf } from '../programs/table.ts';

export const GENERATIONS: readonly ProgramName[] = ['promtool2', 'promtool3'];

/** Input series in promtool's notation, by series. */
export type Series = Readonly<Record<string, string>>;

export interface Expectation {
  readonly expr: string;
  /** As promtool writes a time: `2h`. */
  readonly at: string;
  /** Values by label set, e.g. `{tokenmeter_feature="a"}`. */
  readonly is: Readonly<Record<string, number>>;
}

export interface RuleTest {
  readonly name: string;
  readonly series: Series;
  /** Time between two values of a series and between two evaluations. Default 1m. */
  readonly interval?: string;
  readonly expect: readonly Expectation[];
}

/** What promtool says of tests that fail; empty when all pass. All tests must have one interval. */
export function promtool(
  generation: ProgramName,
  model: MonitoringModel,
  tests: readonly RuleTest[],
  change: (groups: readonly RuleGroup[]) => readonly RuleGroup[] = (groups) => groups,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-rules-'));
  try {
    const groups = ruleGroups(model);
    const changed = change(groups);
    const text =
      changed === groups
        ? (generateFiles(model).get('deploy/prometheus/tokenmeter.rules.yml') as string)
        : stringify({ groups: changed }, { lineWidth: 0 });
    writeFileSync(join(folder, 'tokenmeter.rules.yml'), text);
    const interval = tests[0]?.interval ?? '1m';
    const file = {
      rule_files: ['tokenmeter.rules.yml'],
      evaluation_interval: interval,
      // Without it the order of groups is random.
      group_eval_order: changed.map((group) => group.name),
      tests: tests.map((test) => ({
        name: test.name,
        interval,
        input_series: Object.entries(test.series).map(([series, values]) => ({ series, values })),
        promql_expr_test: test.expect.map(({ expr, at, is }) => ({
          expr,
          eval_time: at,
          exp_samples: Object.entries(is).map(([labels, value]) => ({ labels, value })),
        })),
      })),
    };
    writeFileSync(join(folder, 'test.yml'), stringify(file, { lineWidth: 0 }));
    const done = spawnSync(pathOf(generation), ['test', 'rules', 'test.yml'], { cwd: folder, encoding: 'utf8' });
    return done.status === 0 ? '' : `${done.stdout}${done.stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
