/**
 * What calls leave on the heap for good, by kind of call. Usage: npm run bench -- heap [--heap-calls=20000]
 *
 * The heap is looked at ten times on the way, and a row is the slope through what was seen: bytes per call, and how sure
 * that is. A cache that fills once is a step; anything kept for each call is a slope.
 *
 * The optimizing compilers are off. Their code comes and goes with each collection, by a hundred kilobytes at a time: that
 * is all the noise there is, and it would hide a small object that every call leaves behind.
 *
 * `none` shows what the SDK and the app's telemetry leave behind; ours must leave no more than that.
 */
import { runAtOnce } from './lib/children.mjs';
import { goal, main, option, slope, table, Void } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const CALLS = option('heap-calls', 20_000);
const SAMPLES = 10;
/** The smallest object that V8 can keep has 12 bytes, and a slot somewhere that refers to it. */
const TOLERANCE = 8;
/** A slope that is less sure than this can't tell one such object from none. */
const MOST_UNSURE = TOLERANCE / 2;

const KINDS = ['answers', 'streams', 'streams left early', 'failures', 'answers nobody reads'];
const NODE_ARGS = ['--expose-gc', '--no-opt', '--no-maglev', '--no-flush-bytecode'];

await main(async () => {
  const child = pathOf('bench/lib/heap-child.mjs');
  const runs = KINDS.flatMap((kind) => ['none', 'tokenmeter'].map((name) => ['openai-7', name, kind, CALLS, SAMPLES]));
  // No timings here: as many at once as there are cores.
  const results = await runAtOnce(child, runs, { nodeArgs: NODE_ARGS });
  const kept = results.map(({ bytes }) => slope(bytes.map((value, sample) => [(sample * CALLS) / SAMPLES, value])));
  const rows = KINDS.map((kind, index) => {
    const [none, ours] = kept.slice(2 * index, 2 * index + 2);
    const more = ours.slope - Math.max(0, none.slope);
    return { kind, none, ours, more, unsure: Math.hypot(none.error, ours.error), spans: results[2 * index + 1].spans };
  });
  console.log(`Heap kept over ${CALLS} calls, in bytes per call, openai-7, Node ${process.versions.node}\n`);
  const text = ({ slope, error }) => `${slope.toFixed(2)} ± ${error.toFixed(2)}`;
  table(
    ['calls', 'none', 'tokenmeter', 'spans'],
    rows.map(({ kind, none, ours, spans }) => [kind, text(none), text(ours), spans]),
  );
  console.log();
  for (const { kind, more, unsure, spans } of rows) {
    goal(`${kind}: nothing retained, at most ${TOLERANCE} bytes per call: ${more.toFixed(2)}`, more <= TOLERANCE);
    if (spans === 0) throw new Void(`${kind}: no call had a span.`);
    if (unsure > MOST_UNSURE) throw new Void(`${kind}: the slope is unsure by ${unsure.toFixed(1)} bytes per call.`);
  }
});
