/** Every dollar is counted once, whatever befalls a counter on its way. */
import { DEFAULT_MODEL } from '@tokenmeter/monitoring';
import { describe, expect, test } from 'vitest';
import { neededFor, RECORDS } from './cases.ts';
import { GENERATIONS, promtool, type RuleTest } from './promtool.ts';

const COST = 'tokenmeter_cost_usd_total';
const BY_FEATURE = 'sum by (tokenmeter_feature) (sum_over_time(tokenmeter:cost_usd:increase[IN]))';

function counted(
  name: string,
  values: Readonly<Record<string, string>>,
  is: number,
  within = '1h59m59s',
  at = '2h',
): RuleTest {
  return {
    name,
    series: Object.fromEntries(
      Object.entries(values).map(([instance, series]) => [
        `${COST}{tokenmeter_feature="f", instance="${instance}"}`,
        series,
      ]),
    ),
    expect: [{ expr: BY_FEATURE.replace('IN', within), at, is: { '{tokenmeter_feature="f"}': is } }],
  };
}

const MINUTES: readonly RuleTest[] = [
  counted('a missed scrape', { a: '_x5 0+1x24 stale 26+1x34' }, 60),
  counted('Prometheus down for 10 minutes', { a: '_x5 0+1x24 _x10 35+1x24' }, 59),
  counted('Prometheus down for 2 hours', { a: '_x5 0+1x24 _x120 200+1x24' }, 224, '4h', '3h'),
  counted('one call in 20 minutes by push', { a: '_x5 1 _x19 2 _x19 3 _x19 4 _x19 5 _x19' }, 5),
  {
    ...counted('one call in three hours by push', { a: '_x1 1 _x35 2 _x35 3 _x35 4 _x35 5 _x35' }, 5, '16h', '15h'),
    interval: '5m',
  },
  counted('a reset', { a: '_x5 10x24 2+1x29' }, 41),
  counted('a reset that is overtaken after minutes', { a: '_x5 10x24 5+5x29' }, 160),
  counted('two replicas', { a: '_x5 1+1x59', b: '_x20 7+0x44' }, 67),
  counted('born at 5, and nothing more', { a: '_x7 5x60' }, 5),
  counted('a replica that goes', { a: '_x5 0+1x20', b: '_x5 0+1x70' }, 90),
  counted('nothing twice after an hour of silence', { a: '_x5 3+0x10 _x90 3+0x10' }, 3),
  {
    name: 'counters that are older than the rules',
    series: { [`${COST}{tokenmeter_feature="f"}`]: '3000+1x60' },
    // 3,000 was spent before somebody counted.
    expect: [{ expr: BY_FEATURE.replace('IN', '2h'), at: '1h', is: { '{tokenmeter_feature="f"}': 60 } }],
  },
  {
    name: 'what differs in labels of the process only is one series',
    series: {
      [`${COST}{tokenmeter_feature="f", instance="a", otel_scope_version="1"}`]: '_x5 0+1x10',
      [`${COST}{tokenmeter_feature="f", instance="a", otel_scope_version="2"}`]: '_x16 2+1x10',
    },
    expect: [
      { expr: 'sum_over_time(tokenmeter:cost_usd:increase[1h])', at: '40m', is: { '{tokenmeter_feature="f"}': 22 } },
    ],
  },
];

describe.each(GENERATIONS)('%s', (generation) => {
  test.each(MINUTES)('$name', (one) => {
    expect(promtool(generation, DEFAULT_MODEL, [one], neededFor(['tokenmeter:cost_usd:increase']))).toBe('');
  });

  test.each(RECORDS)('$test.name', ({ model, records, test: one }) => {
    expect(promtool(generation, model, [one], neededFor(records))).toBe('');
  });
});
