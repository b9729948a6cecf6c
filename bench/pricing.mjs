/**
 * What a price costs: ours beside @pydantic/genai-prices, tokenlens, ai-sdk-cost-calculator and the physical floor, a
 * hand-written Map.get and five multiplications. Usage: npm run bench -- pricing [--rounds=15]
 *
 * Speed: one process, interleaved rounds, medians of CPU time. Loading: a fresh process for each start, interleaved; from nothing to
 * the first price. Every contender's amount is checked first: a wrong one is a failure.
 */
import { interleave, runChild } from './lib/children.mjs';
import { contenders, FLOOR, unknownModel } from './lib/pricing-contenders.mjs';
import { goal, main, median, option, table, Void } from './lib/print.mjs';
import { pathOf } from './lib/projects.mjs';

const ROUNDS = option('rounds', 15);
const WARM_UP = 5;
const CALLS = 50_000;
const PEERS = ['@pydantic/genai-prices', 'tokenlens', 'ai-sdk-cost-calculator'];

await main(async () => {
  const known = await contenders();
  const unknown = await unknownModel();
  check(known, unknown);
  const times = measure({ ...known, ...prefixed(unknown) });
  const of = (name) => times.get(name);
  const fastest = (names) => Math.min(...names.map(of));

  console.log(`CPU of one call, median of ${ROUNDS} rounds of ${CALLS}, Node ${process.versions.node}\n`);
  table(
    ['contender', 'ns', 'x floor'],
    [...times].map(([name, ns]) => [name, ns.toFixed(0), (ns / of(FLOOR)).toFixed(1)]),
  );
  console.log();
  const amount = of('tokenmeter, amount only') / of(FLOOR);
  const full = fastest(PEERS) / of('tokenmeter, full result');
  const parts = fastest(PEERS) / of('tokenmeter, full result and its parts');
  const miss = fastest(PEERS.map((name) => `unknown model: ${name}`)) / of('unknown model: tokenmeter');
  goal(`the amount alone takes at most 3 x the floor: ${amount.toFixed(1)}`, amount <= 3);
  goal(`a full result is at least 5 x faster than the fastest peer: ${full.toFixed(1)}`, full >= 5);
  goal(`the same with its parts looked at: ${parts.toFixed(1)}`, parts >= 5);
  goal(`an unknown model too: ${miss.toFixed(1)}`, miss >= 5);
  console.log();
  loading();
});

function check(known, unknown) {
  for (const [name, run] of Object.entries(known)) {
    if (Math.abs(run() - known[FLOOR]()) > 1e-6) throw new Void(`${name} says ${run()}, not ${known[FLOOR]()}.`);
  }
  for (const [name, run] of Object.entries(unknown)) {
    if (run() !== 0) throw new Void(`${name} says ${run()} for a model that does not exist.`);
  }
}

function prefixed(unknown) {
  return Object.fromEntries(Object.entries(unknown).map(([name, run]) => [`unknown model: ${name}`, run]));
}

/** Nanoseconds of CPU per call, collecting the garbage included: another process's turn is not counted. */
function measure(all) {
  const times = new Map(Object.keys(all).map((name) => [name, []]));
  let sink = 0;
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    for (const [name, run] of Object.entries(all)) {
      const before = process.cpuUsage();
      for (let call = 0; call < CALLS; call++) sink += run();
      const { user, system } = process.cpuUsage(before);
      if (round >= WARM_UP) times.get(name).push(((user + system) / CALLS) * 1e3);
    }
  }
  if (!(sink > 0)) throw new Void('Nothing was priced.');
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

/** A peer's way of saying "unknown" (an exception, null) is part of what it costs. */
function loading() {
  const names = ['tokenmeter', ...PEERS];
  const results = interleave(names, ROUNDS, (name) => runChild(pathOf('bench/lib/pricing-load-child.mjs'), [name]));
  const rows = names.map((name) => {
    const middle = (field) => median(results.get(name).map((round) => round[field]));
    return { name, imported: middle('imported'), first: middle('first'), cpu: middle('cpu') };
  });
  console.log(`From nothing to the first price, median of ${ROUNDS} fresh processes\n`);
  table(
    ['contender', 'import ms', 'first price ms', 'CPU ms'],
    rows.map(({ name, imported, first, cpu }) => [name, imported.toFixed(1), first.toFixed(1), cpu.toFixed(1)]),
  );
  console.log();
  const [ours, genai] = rows;
  goal(
    `loading takes no longer than @pydantic/genai-prices: ${ours.cpu.toFixed(0)} against ${genai.cpu.toFixed(0)} ms CPU`,
    ours.cpu <= genai.cpu,
  );
}
