/**
 * What `--require tokenmeter/register` adds to the start of an app, up to its first answered call. Usage: npm run bench -- load
 *
 * joining: the app has providers of its own, in both rows. starting: our row's app has none and asks for OTLP by
 * environment; the row without us starts sdk-node itself, as its app would.
 */
import { interleave, runChild } from './lib/children.mjs';
import { goal, main, median, option, table, Void } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const ROUNDS = option('rounds', 15);
const GOAL_MS = 60;

/** Nobody listens on the discard port, and the process ends before the first export. */
const OTLP = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SERVICE_NAME: 'bench' };
const REGISTER = ['--require', pathOf('packages/tokenmeter/dist/register.cjs')];

const CONTENDERS = [
  { name: 'joining: without', app: 'joined', nodeArgs: [], env: {} },
  { name: 'joining: with tokenmeter', app: 'joined', nodeArgs: REGISTER, env: {} },
  { name: 'starting: sdk-node alone', app: 'sdk-node', nodeArgs: [], env: OTLP },
  { name: 'starting: with tokenmeter', app: 'plain', nodeArgs: REGISTER, env: OTLP },
];

await main(() => {
  const child = pathOf('bench/lib/load-child.cjs');
  const results = interleave(CONTENDERS, ROUNDS, ({ app, nodeArgs, env }) =>
    runChild(child, [app], { nodeArgs, env, cwd: pathOf('bench/projects/openai-7') }),
  );
  const rows = CONTENDERS.map((contender) => {
    const rounds = results.get(contender);
    const middle = (field) => median(rounds.map((round) => round[field]));
    return { ...contender, wall: middle('wall'), cpu: middle('cpu'), traced: rounds.every(({ traced }) => traced) };
  });
  console.log(
    `From the start of the process to the first answer, median of ${ROUNDS}, Node ${process.versions.node}\n`,
  );
  table(
    ['app', 'wall ms', 'CPU ms'],
    rows.map(({ name, wall, cpu }) => [name, wall.toFixed(0), cpu.toFixed(0)]),
  );
  console.log();
  const [joinedWithout, joined, startedWithout, started] = rows;
  for (const [what, ours, without] of [
    ['joining', joined, joinedWithout],
    ['starting', started, startedWithout],
  ]) {
    const added = ours.wall - without.wall;
    goal(`${what} adds at most ${GOAL_MS} ms: ${added.toFixed(0)}`, added <= GOAL_MS);
    if (!ours.traced) throw new Void(`${what}: the call had no span.`);
  }
});
