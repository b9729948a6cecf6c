/**
 * Added CPU per small call, side by side, for every SDK. Usage: npm run bench -- calls [--processes=3] [--turns=20]
 * [--calls=1000] [--warm-up=15000] [--only=anthropic-1]
 *
 * Contenders live in processes of their own and take turns of `calls` calls. A process gives the lower quartile of its turns,
 * less that of `none` in the same rounds: where others use the machine, that is what they leave alone; a median would show
 * them. A row is the median of several processes, since each keeps a pace of its own.
 *
 * A turn is long enough for a few collections of garbage. In shorter ones (100 calls make the garbage of one collection)
 * the median shows a collection in every turn or in none, by the chance of who fills the nursery a little sooner.
 *
 * The warm-up is long, because a server's code is warm: an instrumentation has more of it than a floor, and for the first
 * thousands of calls that alone is what one would measure.
 */
import { takeTurns } from './lib/children.mjs';
import { CONTENDERS } from './lib/contenders.mjs';
import { PEERS } from './lib/peers.mjs';
import { goal, lowerQuartile, main, median, option, table, textOption, Void } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const PROCESSES = option('processes', 3);
const TURNS = option('turns', 20);
const CALLS = option('calls', 1000);
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

console.log(
  `Added CPU per call, µs: median of ${PROCESSES} processes with ${TURNS} turns of ${CALLS} calls each, ` +
    `Node ${process.versions.node}\n`,
);
for (const project of PROJECTS.filter((name) => ONLY === undefined || name === ONLY)) {
  await main(() => measure(project));
}

async function measure(project) {
  const names = [...OWN, ...Object.keys(PEERS).filter((name) => PEERS[name].projects.includes(project))];
  const rounds = [];
  for (let round = 0; round < PROCESSES; round++) {
    rounds.push(await takeTurns(names, TURNS, { script, argsOf: (name) => [project, name, WARM_UP, CALLS] }));
  }
  const none = rounds.map((results) => lowerQuartile(results.get('none').turns));
  const rows = names.map((name) => {
    const added = rounds.map((results, round) => lowerQuartile(results.get(name).turns) - none[round]);
    return {
      name,
      added: median(added),
      least: Math.min(...added),
      most: Math.max(...added),
      ends: rounds.map((results) => results.get(name).end),
    };
  });
  report(project, rows, median(none));
}

function report(project, rows, none) {
  const byName = Object.fromEntries(rows.map((row) => [row.name, row]));
  const { added: ours } = byName.tokenmeter;
  const ratio = (name) => byName[name].added / byName.floor.added;
  console.log(`${project} (a call without anything: ${none.toFixed(1)} µs)`);
  table(
    ['contender', 'added µs', 'from', 'to', '× floor', 'spans', 'metric points'],
    rows.map(({ name, added, least, most, ends: [{ spans, points }] }) => {
      return [name, ...[added, least, most].map((cpu) => cpu.toFixed(1)), ratio(name).toFixed(2), spans, points];
    }),
  );
  console.log();
  goal(`${project}: at most ${GOAL} × the floor: ${ratio('tokenmeter').toFixed(2)}`, ratio('tokenmeter') <= GOAL);
  for (const { name, added } of rows.filter((row) => row.name in PEERS && row.ends[0].points > 0)) {
    goal(`${project}: below ${name}, ${added.toFixed(1)} µs: ${ours.toFixed(1)}`, ours < added);
  }
  console.log();
  for (const { name, ends } of rows) for (const end of ends) checkOutput(project, name, end);
  for (const [round, end] of byName.floor.ends.entries()) checkSame(project, end, byName.tokenmeter.ends[round]);
}

/** A contender that measures nothing costs nothing: its row would be a lie. Some have several spans for a call. */
function checkOutput(project, name, end) {
  for (const what of CONTENDERS[name].emits) {
    if (end[what] === 0) throw new Void(`${project}: ${name} produced no ${what}.`);
  }
  const calls = WARM_UP + TURNS * CALLS;
  const wrong = OWN.includes(name) ? end.spans !== calls : end.spans % calls !== 0;
  if (end.spans > 0 && wrong) throw new Void(`${project}: ${name} produced ${end.spans} spans for ${calls} calls.`);
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
