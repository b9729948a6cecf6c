/**
 * Added CPU per small call, side by side, for every SDK. Usage: npm run bench -- calls [--turns=60] [--calls=100]
 * [--warm-up=15000] [--only=anthropic-1]
 *
 * Contenders live in processes of their own and take turns of `calls` calls. A row is the median of its differences to the
 * turn of `none` in the same round. The warm-up is long, because a server's code is warm: an instrumentation has more of it
 * than a floor, and for the first thousands of calls that alone is what one would measure.
 */
import { takeTurns } from './lib/children.mjs';
import { CONTENDERS } from './lib/contenders.mjs';
import { PEERS } from './lib/peers.mjs';
import { goal, main, median, option, table, textOption, Void } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const TURNS = option('turns', 60);
const CALLS = option('calls', 100);
const WARM_UP = option('warm-up', 15_000);
const ONLY = textOption('only');
const GOAL = 1.3;

const PROJECTS = [
  'openai-6',
  'openai-7',
  'anthropic-0',
  'anthropic-1',
  'google-genai-1',
  'google-genai-3',
  'ai-7',
  'langchain-1',
];
const OWN = ['none', 'nothing', 'floor', 'tokenmeter', 'tokenmeter + ledger'];

/** Instruments of ours that no call writes to. */
const OWN_HEALTH = /^tokenmeter\.(attributes\.capped|sdk\.untested|price_book)/;

const script = pathOf('bench/lib/call-child.mjs');

console.log(`Added CPU per call, µs: median of ${TURNS} turns of ${CALLS} calls, Node ${process.versions.node}\n`);
for (const project of PROJECTS.filter((name) => ONLY === undefined || name === ONLY)) {
  await main(() => measure(project));
}

async function measure(project) {
  const names = [...OWN, ...Object.keys(PEERS).filter((name) => PEERS[name].projects.includes(project))];
  const results = await takeTurns(names, TURNS, { script, argsOf: (name) => [project, name, WARM_UP, CALLS] });
  const none = results.get('none').turns;
  const rows = names.map((name) => {
    const { turns, end } = results.get(name);
    return { name, added: median(turns.map((cpu, turn) => cpu - none[turn])), ...end };
  });
  report(project, rows, median(none));
}

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
  goal(`${project}: at most ${GOAL} × the floor: ${ratio('tokenmeter').toFixed(2)}`, ratio('tokenmeter') <= GOAL);
  for (const { name, added } of rows.filter((row) => row.name in PEERS && row.points > 0)) {
    goal(`${project}: below ${name}, ${added.toFixed(1)} µs: ${ours.toFixed(1)}`, ours < added);
  }
  console.log();
  for (const row of rows) checkOutput(project, row);
  checkSame(project, byName.floor, byName.tokenmeter);
}

/** A contender that measures nothing costs nothing: its row would be a lie. Some have several spans for a call. */
function checkOutput(project, row) {
  for (const what of CONTENDERS[row.name].emits) {
    if (row[what] === 0) throw new Void(`${project}: ${row.name} produced no ${what}.`);
  }
  const calls = WARM_UP + TURNS * CALLS;
  const wrong = OWN.includes(row.name) ? row.spans !== calls : row.spans % calls !== 0;
  if (row.spans > 0 && wrong) throw new Void(`${project}: ${row.name} produced ${row.spans} spans for ${calls} calls.`);
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
