/**
 * What stays on the heap after 20,000 calls, per kind of call. Usage: npm run bench -- heap [--calls=20000]
 *
 * `none` shows what the SDK and the app's telemetry leave behind; ours must leave no more than that.
 */
import { runAtOnce } from './lib/children.mjs';
import { goal, main, option, table } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const CALLS = option('calls', 20_000);
/** Less than one small object per call: caches that fill once are below, anything kept for each call is above. */
const TOLERANCE_BYTES = 16 * CALLS;

const KINDS = ['answers', 'streams', 'streams left early', 'failures', 'answers nobody reads'];

await main(async () => {
  const child = pathOf('bench/lib/heap-child.mjs');
  const runs = KINDS.flatMap((kind) => ['none', 'tokenmeter'].map((name) => ['openai-7', name, kind, CALLS]));
  // No timings here: as many at once as there are cores.
  const results = await runAtOnce(child, runs, { nodeArgs: ['--expose-gc'] });
  const rows = KINDS.map((kind, index) => ({ kind, none: results[2 * index], ours: results[2 * index + 1] }));
  console.log(`Heap kept after ${CALLS} calls, in bytes per call, openai-7, Node ${process.versions.node}\n`);
  const perCall = (bytes) => (bytes / CALLS).toFixed(1);
  table(
    ['calls', 'none', 'tokenmeter', 'spans'],
    rows.map(({ kind, none, ours }) => [kind, perCall(none.bytes), perCall(ours.bytes), ours.spans]),
  );
  console.log();
  for (const { kind, none, ours } of rows) {
    const more = ours.bytes - Math.max(0, none.bytes);
    goal(`${kind}: nothing retained (${perCall(more)} bytes per call more than without us)`, more <= TOLERANCE_BYTES);
  }
});
