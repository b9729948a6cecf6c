/**
 * What `tokenmeter/register` adds to the start of an app, up to its first answered call. Usage: npm run bench -- load
 *
 * joining: the app has providers of its own, in both rows. starting: the app of our row has none and asks for OTLP by
 * environment; the app of the row without us starts sdk-node itself. Every app is a process of its own, in a project in
 * which everything is laid out as npm does it. What counts is CPU time of all threads: other work on the machine moves it
 * less than wall time, and it is never less than what an idle machine would make one wait.
 */
import { interleave, runChild } from './lib/children.mjs';
import { installOurs } from './lib/installed.mjs';
import { goal, main, median, option, table, Void } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const ROUNDS = option('rounds', 15);
const GOAL_MS = 60;

/** Nobody listens on the discard port, and the process ends before the first export. */
const OTLP = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SERVICE_NAME: 'bench' };
const REQUIRE = ['--require', 'tokenmeter/register'];
const IMPORT = ['--import', 'tokenmeter/register'];

const CONTENDERS = [
  { name: 'openai', script: 'app.cjs', app: 'openai' },
  { name: 'openai + provider', script: 'app.cjs', app: 'joined' },
  { name: 'openai + provider + register', script: 'app.cjs', app: 'joined', nodeArgs: REQUIRE },
  { name: 'openai + sdk-node', script: 'app.cjs', app: 'sdk-node', env: OTLP },
  { name: 'openai + register, starting sdk-node', script: 'app.cjs', app: 'openai', nodeArgs: REQUIRE, env: OTLP },
  { name: 'ES modules: openai + provider', script: 'app.mjs', app: 'joined' },
  { name: 'ES modules: openai + provider + register', script: 'app.mjs', app: 'joined', nodeArgs: IMPORT },
];

/** What is compared: names of two rows, and what the goal is called. */
const COMPARED = [
  ['joining', 'openai + provider', 'openai + provider + register'],
  ['starting', 'openai + sdk-node', 'openai + register, starting sdk-node'],
  ['joining, ES modules', 'ES modules: openai + provider', 'ES modules: openai + provider + register'],
];

await main(() => {
  const project = pathOf('bench/projects/load');
  installOurs(project);
  const results = interleave(CONTENDERS, ROUNDS, ({ script, app, nodeArgs = [], env = {} }) =>
    runChild(script, [app], { nodeArgs, env, cwd: project }),
  );
  const rows = new Map(CONTENDERS.map((contender) => [contender.name, { contender, rounds: results.get(contender) }]));
  console.log(
    `From the start of the process to the first answer, ${ROUNDS} rounds, Node ${process.versions.node}, ms\n`,
  );
  table(
    ['app', 'CPU', 'least CPU', 'wall', 'least wall'],
    [...rows].map(([name, { rounds }]) => {
      const all = (field) => rounds.map((round) => round[field]);
      const cells = ['cpu', 'wall'].flatMap((field) => [median(all(field)), Math.min(...all(field))]);
      return [name, ...cells.map((milliseconds) => milliseconds.toFixed(0))];
    }),
  );
  console.log();
  for (const [what, without, ours] of COMPARED) {
    const cpu = (name) => median(rows.get(name).rounds.map((round) => round.cpu));
    const added = cpu(ours) - cpu(without);
    goal(`${what} adds at most ${GOAL_MS} ms: ${added.toFixed(0)}`, added <= GOAL_MS);
    if (!rows.get(ours).rounds.every(({ traced }) => traced)) throw new Void(`${what}: the call had no span.`);
  }
});
