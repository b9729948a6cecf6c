/**
 * CPU of the real collector per span: with the whole price book beside the same pipeline without pricing, and of deleting
 * content beside receiving it. Usage: npm run bench -- collector [--turns=12] [--spans=20480]
 *
 * The collectors live side by side and take turns; what a turn cost is what the kernel counted for the process, user and
 * system. Spans arrive as exporters send them, protobuf over HTTP. Needs `npm run e2e:setup`.
 */
import { startPipeline } from './lib/collectors.mjs';
import { goal, main, median, option, table } from './lib/print.mjs';
import { traceRequest } from './lib/spans.mjs';

const TURNS = option('turns', 12);
const SPANS = option('spans', 20_480);
const CONTENT = 32 * 1024;

const PRICING_GOAL = 1.5;
const STRIPPING_GOAL = 0.5;

/** Each is the generated pipeline of spans, or that without a part. `counted`: calls come out as metrics, or none do. */
const CONTENDERS = {
  'without pricing': { without: ['transform/price'], counted: false },
  'the whole price book': { without: [], counted: true },
  receiving: { without: ['transform/price', 'transform/strip_content'], content: CONTENT },
  'receiving and stripping': { without: ['transform/price'], content: CONTENT },
};

await main(async () => {
  const pipelines = new Map();
  try {
    for (const [name, contender] of Object.entries(CONTENDERS)) pipelines.set(name, await startPipeline(contender));
    const requests = new Map([0, CONTENT].map((bytes) => [bytes, requestOf(bytes)]));
    const turns = new Map([...pipelines.keys()].map((name) => [name, []]));
    for (let turn = -1; turn < TURNS; turn += 1) {
      for (const [name, pipeline] of pipelines) {
        const { spans, body } = requests.get(CONTENDERS[name].content ?? 0);
        const used = await pipeline.work(body, Math.ceil(SPANS / spans), spans);
        // The first turn builds the price table and warms up.
        if (turn >= 0) turns.get(name).push(used);
      }
    }
    for (const pipeline of pipelines.values()) await pipeline.check();
    report((name) => median(turns.get(name)));
  } finally {
    for (const pipeline of pipelines.values()) await pipeline.stop();
  }
});

/** As many spans as an exporter sends at once, or as many as fit into 2 MiB. */
function requestOf(contentBytes) {
  const spans = contentBytes === 0 ? 512 : 64;
  return { spans, body: traceRequest(spans, contentBytes) };
}

function report(cpu) {
  table(
    ['pipeline', 'µs CPU per span'],
    Object.keys(CONTENDERS).map((name) => [name, cpu(name).toFixed(1)]),
  );
  const base = cpu('without pricing');
  const priced = (cpu('the whole price book') - base) / base;
  const stripped = (cpu('receiving and stripping') - cpu('receiving')) / cpu('receiving');
  console.log();
  goal(
    `pricing and counting add ${priced.toFixed(2)} × the pipeline without them, at most ${PRICING_GOAL}`,
    priced <= PRICING_GOAL,
  );
  goal(
    `stripping 32 KiB costs ${stripped.toFixed(2)} × receiving them, at most ${STRIPPING_GOAL}`,
    stripped <= STRIPPING_GOAL,
  );
}
