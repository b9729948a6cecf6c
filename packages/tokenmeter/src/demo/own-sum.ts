/**
 * The fake provider's own bill: list prices times tokens, from what it served. It shares nothing with the price book and
 * the engine, so that the demo's total is checked by somebody else's arithmetic.
 */
import type { Served, ServedEntry } from '@tokenmeter/fake-provider';

/** Pico-USD per token, which is the list price in USD per million tokens times 1,000,000. */
interface Rates {
  readonly input: bigint;
  readonly output: bigint;
  readonly cacheRead: bigint;
  /** Absent where writes cost what input costs. */
  readonly cacheWrite5m?: bigint;
  /** Percent of the list price for inference that stays in the US. */
  readonly usPercent?: bigint;
}

/** List prices of the demo's models, 2026-11: openai.com/api/pricing, claude.com/pricing. */
const RATES: Readonly<Record<string, Rates>> = {
  'gpt-4o': { input: 2_500_000n, output: 10_000_000n, cacheRead: 1_250_000n },
  'gpt-4o-mini': { input: 150_000n, output: 600_000n, cacheRead: 75_000n },
  'gpt-4.1-mini': { input: 400_000n, output: 1_600_000n, cacheRead: 100_000n },
  'text-embedding-3-small': { input: 20_000n, output: 0n, cacheRead: 20_000n },
  'claude-sonnet-4-6': {
    input: 3_000_000n,
    output: 15_000_000n,
    cacheRead: 300_000n,
    cacheWrite5m: 3_750_000n,
    usPercent: 110n,
  },
  'claude-haiku-4-5': { input: 1_000_000n, output: 5_000_000n, cacheRead: 100_000n, cacheWrite5m: 1_250_000n },
};

/** Pico-USD of all that was served. Refused and broken attempts cost nothing. Throws on a model that is not the demo's. */
export function ownSum(served: Served): bigint {
  return served.entries
    .filter((entry) => entry.outcome === 'completed' && !entry.free)
    .reduce((sum, entry) => sum + costOf(entry), 0n);
}

function costOf(entry: ServedEntry): bigint {
  const rates = RATES[entry.requestModel ?? ''];
  const tokens = entry.consumed;
  if (rates === undefined || tokens === undefined) throw new Error(`The demo has no price for ${entry.requestModel}.`);
  const plain = tokens.input - tokens.cacheRead - tokens.cacheWrite5m;
  const list =
    BigInt(plain) * rates.input +
    BigInt(tokens.cacheRead) * rates.cacheRead +
    BigInt(tokens.cacheWrite5m) * (rates.cacheWrite5m ?? rates.input) +
    BigInt(tokens.output) * rates.output;
  return (list * (inUs(entry.usage) ? (rates.usPercent ?? 100n) : 100n)) / 100n;
}

function inUs(usage: unknown): boolean {
  return usage !== null && typeof usage === 'object' && 'inference_geo' in usage && usage.inference_geo === 'us';
}
