/**
 * What observing a stream costs per chunk, beside a wrapper that only counts chunks. Usage: npm run bench -- stream
 *
 * All three read the same bare async iterator of 500 chunks. Ours is measured with a whole call around it (its facts, its
 * price, its record, but no span: no provider is registered), so its row includes what one call costs.
 */
import { interleave, runChild } from './lib/children.mjs';
import { goal, main, median, option, table, Void } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const ROUNDS = option('rounds', 7);
const STREAMS = option('streams', 600);
const GOAL = 1.5;

await main(() => {
  const child = pathOf('bench/lib/stream-child.mjs');
  const contenders = ['bare', 'counting', 'tokenmeter'];
  const results = interleave(contenders, ROUNDS, (name) =>
    runChild(child, [name, STREAMS], { nodeArgs: ['--expose-gc'] }),
  );
  const rows = contenders.map((name) => {
    const rounds = results.get(name);
    return { name, cpu: median(rounds.map(({ microseconds }) => microseconds)), ...rounds.at(-1) };
  });
  const [, counting, ours] = rows;
  const { chunks } = ours;

  console.log(`CPU per stream of ${chunks} chunks, median of ${ROUNDS} rounds, Node ${process.versions.node}\n`);
  table(
    ['reader', 'µs per stream', '× counting', 'read ahead', 'held chunks'],
    rows.map(({ name, cpu, ahead, held }) => [name, cpu.toFixed(1), (cpu / counting.cpu).toFixed(2), ahead, held]),
  );
  console.log();
  const ratio = ours.cpu / counting.cpu;
  goal(`ours at most ${GOAL} × counting: ${ratio.toFixed(2)}`, ratio <= GOAL);
  if (ours.ahead > 0) throw new Void(`${ours.ahead} chunks were read before the app asked for them.`);
  if (ours.held > 1) throw new Void(`${ours.held} chunks were still held while the stream was read.`);
  if (ours.records !== ours.streams) throw new Void(`${ours.records} records of ${ours.streams} streams.`);
});
