/**
 * Added CPU per small chat call, side by side. Usage: npm run bench -- calls [--turns=60] [--calls=100] [--warm-up=15000]
 *
 * Contenders live in processes of their own and take turns of `calls` calls. A row is the median of its differences to the
 * turn of `none` in the same round. The warm-up is long, because a server's code is warm: an instrumentation has more of it
 * than a floor, and for the first thousands of calls that alone is what one would measure.
 */
import { takeTurns } from './lib/children.mjs';
import { CONTENDERS } from './lib/contenders.mjs';
import { goal, main, median, option, table, Void } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const TURNS = option('turns', 60);
const CALLS = option('calls', 100);
const WARM_UP = option('warm-up', 15_000);
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

const script = pathOf('bench/lib/call-child.mjs');

await main(async () => {
  console.log(
    `Added CPU per chat call, µs: median of ${TURNS} turns of ${CALLS} calls, Node ${process.versions.node}\n`,
  );
  for (const { project, names } of PROJECTS) {
    const results = await takeTurns(names, TURNS, { script, argsOf: (name) => [project, name, WARM_UP, CALLS] });
    const none = results.get('none').turns;
    const rows = names.map((name) => {
      const { turns, end } = results.get(name);
      return { name, added: median(turns.map((cpu, turn) => cpu - none[turn])), ...end };
    });
    report(project, rows, median(none));
  }
});

function report(project, rows, none) {
  const byName = Object.fromEntries(rows.map((row) => [row.name, row]));
  const { added: ours } = byName.tokenmeter;
  const ratio = (name) => byName[name].added / byName.floor.added;
  console.log(`${project} (a call without anything: ${none.toFixed(1)} µs)`);
  table(
    ['contender', 'added µs', '× floor', 'spans', 'metric points'],
    rows.map(({ name, added, spans, points }) => [name, added.toFixed(1), ratio(name).toFixed(2), spans, points]),
  );
  console.log();
  goal(`ours at most ${GOAL} × the floor: ${ratio('tokenmeter').toFixed(2)}`, ratio('tokenmeter') <= GOAL);
  for (const { name, added, points } of rows.filter((row) => PEERS.includes(row.name) && row.points > 0)) {
    goal(`ours below ${name} (${added.toFixed(1)} µs, ${points} points): ${ours.toFixed(1)} µs`, ours < added);
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
  const calls = WARM_UP + TURNS * CALLS;
  if (row.spans > 0 && row.spans !== calls) {
    throw new Void(`${project}: ${row.name} produced ${row.spans} spans for ${calls} calls.`);
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
