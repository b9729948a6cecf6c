/**
 * What an answer costs, by list prices written down here and the usage that stands in its body: arithmetic that shares
 * nothing with the price book and the engine. In pico-USD.
 */

/** Pico-USD per token, which is the list price in USD per million tokens times 1,000,000. Of 2026-11. */
const RATES = {
  'gpt-4o-mini': { input: 150_000n, cacheRead: 75_000n, output: 600_000n },
  'gpt-4.1-mini': { input: 400_000n, cacheRead: 100_000n, output: 1_600_000n },
  'text-embedding-3-small': { input: 20_000n, cacheRead: 20_000n, output: 0n },
  'claude-haiku-4-5': { input: 1_000_000n, cacheRead: 100_000n, cacheWrite: 1_250_000n, output: 5_000_000n },
  'claude-sonnet-4-6': { input: 3_000_000n, cacheRead: 300_000n, cacheWrite: 3_750_000n, output: 15_000_000n },
  'gemini-2.5-flash': { input: 300_000n, cacheRead: 30_000n, output: 2_500_000n },
};

/** Tokens by what they are billed as. */
const READERS = {
  openai(usage) {
    const input = usage.prompt_tokens ?? usage.input_tokens;
    const details = usage.prompt_tokens_details ?? usage.input_tokens_details;
    const cacheRead = details?.cached_tokens ?? 0;
    return { input: input - cacheRead, cacheRead, output: usage.completion_tokens ?? usage.output_tokens ?? 0 };
  },
  anthropic: (usage) => ({
    input: usage.input_tokens,
    cacheRead: usage.cache_read_input_tokens,
    cacheWrite: usage.cache_creation_input_tokens,
    output: usage.output_tokens,
  }),
  gemini({ promptTokenCount, cachedContentTokenCount = 0, candidatesTokenCount = 0, thoughtsTokenCount = 0 }) {
    return {
      input: promptTokenCount - cachedContentTokenCount,
      cacheRead: cachedContentTokenCount,
      output: candidatesTokenCount + thoughtsTokenCount,
    };
  },
};

export function ownPrice({ provider, model, usage }) {
  const rates = RATES[model];
  let sum = 0n;
  for (const [billedAs, tokens] of Object.entries(READERS[provider](usage))) {
    if (tokens > 0) sum += BigInt(tokens) * rates[billedAs];
  }
  // Anthropic's surcharge where inference stays in the US.
  return usage.inference_geo === 'us' ? (sum * 110n) / 100n : sum;
}
