/**
 * Added CPU per small chat call, side by side. Usage: npm run bench -- calls [--rounds=7] [--calls=3000] [--warm-up=2000]
 *
 * Each round runs every contender once, in a process of its own; a row is the median of its rounds, minus `none`'s.
 */
import { interleave, runChild } from './lib/children.mjs';
import { CONTENDERS } from './lib/contenders.mjs';
import { goal, main, median, option, table, Void } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const ROUNDS = option('rounds', 7);
const CALLS = option('calls', 3000);
const WARM_UP = option('warm-up', 2000);
const GOAL = 1.3;

const OURS = ['tokenmeter', 'tokenmeter + ledger'];
const PEERS = ['@opentelemetry/instrumentation-openai', '@traceloop/instrumentation-openai', 'openlit'];
/** The peers know no openai newer than 6. */
const PROJECTS = [
  { project: 'openai-6', names: ['none', 'nothing', 'floor', ...OURS, ...PEERS] },
  { project: 'openai-7', names: ['none', 'nothing', 'floor', ...OURS] },
];

/** Instruments of ours that no call writes to. */
const OWN_HEALTH = /^tokenmeter\.(attributes\.capped|sdk\.untested|price_book)/;

const child = pathOf('bench/lib/call-child.mjs');

await main(() => {
  const contenders = PROJECTS.flatMap(({ project, names }) => names.map((name) => ({ project, name })));
  const results = interleave(contenders, ROUNDS, ({ project, name }) =>
    runChild(child, [project, name, WARM_UP, CALLS]),
  );
  console.log(
    `Added CPU per chat call, µs: median of ${ROUNDS} rounds of ${CALLS} calls, Node ${process.versions.node}\n`,
  );
  for (const { project, names } of PROJECTS) {
    const rows = names.map((name) => {
      const rounds = results.get(contenders.find((one) => one.project === project && one.name === name));
      return { name, cpu: median(rounds.map(({ microseconds }) => microseconds)), ...rounds.at(-1) };
    });
    report(project, rows);
  }
});

function report(project, rows) {
  const byName = Object.fromEntries(rows.map((row) => [row.name, row]));
  const added = (name) => byName[name].cpu - byName.none.cpu;
  const ratio = (name) => added(name) / added('floor');
  console.log(`${project} (a call without anything: ${byName.none.cpu.toFixed(1)} µs)`);
  table(
    ['contender', 'added µs', '× floor', 'spans', 'metric points'],
    rows.map(({ name, spans, points }) => [name, added(name).toFixed(1), ratio(name).toFixed(2), spans, points]),
  );
  console.log();
  goal(`ours at most ${GOAL} × the floor: ${ratio('tokenmeter').toFixed(2)}`, ratio('tokenmeter') <= GOAL);
  for (const { name, points } of rows.filter((row) => PEERS.includes(row.name) && row.points > 0)) {
    const peer = `${name} (${added(name).toFixed(1)} µs, ${points} points)`;
    goal(`ours below ${peer}: ${added('tokenmeter').toFixed(1)} µs`, added('tokenmeter') < added(name));
  }
  console.log();
  for (const row of rows) checkOutput(project, row);
  checkSame(project, byName.floor, byName.tokenmeter);
}

/** A contender that measures nothing costs nothing: its row would be a lie. */
function checkOutput(project, row) {
  for (const what of CONTENDERS[row.name].emits) {
    if (row[what] === 0) throw new Void(`${project}: ${row.name} produced no ${what}.`);
  }
  if (row.spans > 0 && row.spans !== WARM_UP + CALLS) {
    throw new Void(`${project}: ${row.name} produced ${row.spans} spans for ${WARM_UP + CALLS} calls.`);
  }
}

function checkSame(project, floor, ours) {
  const shape = ({ spanName, spanAttributes, metrics }) => [
    spanName,
    ...spanAttributes,
    ...metrics.filter((metric) => !OWN_HEALTH.test(metric)),
  ];
  const [theirs, own] = [shape(floor), shape(ours)];
  const difference = [
    ...theirs.filter((line) => !own.includes(line)).map((line) => `only the floor has ${line}`),
    ...own.filter((line) => !theirs.includes(line)).map((line) => `only ours has ${line}`),
  ];
  if (difference.length > 0) throw new Void(`${project}: the floor is not the same work.\n${difference.join('\n')}`);
}
