/**
 * What a price costs: ours beside @pydantic/genai-prices, ai-sdk-cost-calculator and the physical floor, a hand-written
 * Map.get and five multiplications. One run, interleaved rounds, medians. `node bench/pricing.mjs`
 *
 * Needs a build of packages/pricing. Every contender's amount is checked first: a wrong one is a failure.
 */
import { performance } from 'node:perf_hooks';
import { calcPrice } from '@pydantic/genai-prices';
import { calculateCost } from 'ai-sdk-cost-calculator';

const started = performance.now();
const { createPricer } = await import('../packages/pricing/dist/index.mjs');
const imported = performance.now() - started;

const ROUNDS = 15;
const CALLS = 20_000;
const at = Date.parse('2026-11-20T12:00:00Z');
const timestamp = new Date(at);
const usage = { input: 50_000, cacheRead: 30_000, cacheWrite5m: 10_000, cacheWrite1h: 0, output: 1500 };
const report = { usage, context: {}, flags: [] };
const MODEL = 'claude-sonnet-4-6';
const EXPECTED = (10_000 * 3 + 30_000 * 0.3 + 10_000 * 3.75 + 1500 * 15) / 1e6;

const pricer = createPricer();
const first = performance.now();
pricer.priceAmount('anthropic', MODEL, usage, at);
const firstPrice = performance.now() - first;

const floor = new Map([[MODEL, [3, 15, 0.3, 3.75, 6]]]);
const contenders = {
  'Map.get and five multiplications': () => {
    const rates = floor.get(MODEL);
    const { input, cacheRead, cacheWrite5m, cacheWrite1h, output } = usage;
    const fresh = input - cacheRead - cacheWrite5m - cacheWrite1h;
    return (
      (fresh * rates[0] +
        output * rates[1] +
        cacheRead * rates[2] +
        cacheWrite5m * rates[3] +
        cacheWrite1h * rates[4]) /
      1e6
    );
  },
  'tokenmeter, amount only': () => pricer.priceAmount('anthropic', MODEL, usage, at),
  'tokenmeter, full result': () => pricer.price({ provider: 'anthropic', requestModel: MODEL, report, at }).usd,
  '@pydantic/genai-prices': () =>
    calcPrice(
      { input_tokens: 50_000, cache_read_tokens: 30_000, cache_write_tokens: 10_000, output_tokens: 1500 },
      MODEL,
      { providerId: 'anthropic', timestamp },
    )?.total_price,
  'ai-sdk-cost-calculator': () =>
    calculateCost({
      model: MODEL,
      usage: {
        inputTokens: 50_000,
        outputTokens: 1500,
        totalTokens: 51_500,
        inputTokenDetails: { noCacheTokens: 10_000, cacheReadTokens: 30_000, cacheWriteTokens: 10_000 },
        outputTokenDetails: {},
      },
    }).totalCost,
  'tokenmeter, unknown model': () =>
    pricer.price({ provider: 'anthropic', requestModel: 'no-such-model', report, at }).status,
  '@pydantic/genai-prices, unknown model': () =>
    calcPrice({ input_tokens: 50_000, output_tokens: 1500 }, 'no-such-model', { providerId: 'anthropic', timestamp }),
};

for (const [name, run] of Object.entries(contenders)) {
  const amount = run();
  const right = name.includes('unknown')
    ? amount === 'unpriced' || amount === null
    : Math.abs(amount - EXPECTED) < 1e-6;
  if (!right) {
    console.error(`${name} says ${amount}, expected ${EXPECTED}`);
    process.exitCode = 1;
  }
}

const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
let sink = 0;
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(contenders)) {
    const start = performance.now();
    for (let call = 0; call < CALLS; call++) sink += Number(run()) || 0;
    if (round > 2) times[name].push(((performance.now() - start) / CALLS) * 1e6);
  }
}
if (!(sink > 0)) process.exitCode = 1;

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const base = median(times['Map.get and five multiplications']);
console.log(
  `import ${imported.toFixed(1)} ms, first price ${firstPrice.toFixed(1)} ms (Node ${process.versions.node})`,
);
for (const [name, values] of Object.entries(times)) {
  const ns = median(values);
  console.log(`${name.padEnd(40)} ${ns.toFixed(0).padStart(7)} ns  ${(ns / base).toFixed(1)} x floor`);
}
