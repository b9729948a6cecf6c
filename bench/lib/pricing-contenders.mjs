/**
 * The same call for every engine: 50,000 input tokens (30,000 read from a cache, 10,000 written to it) and 1,500 output
 * tokens of Claude Sonnet 4.6, at $3, $0.30, $3.75 and $15 per 1M. tokenlens knows no model that new: its call is of
 * Sonnet 4, which has the same prices. Each contender answers USD, for an unknown model 0.
 */
const MODEL = 'claude-sonnet-4-6';
const UNKNOWN = 'no-such-model';
const AT = Date.parse('2026-11-20T12:00:00Z');

export const FLOOR = 'Map.get and five multiplications';

const USAGE = { input: 50_000, output: 1500, cacheRead: 30_000, cacheWrite5m: 10_000, cacheWrite1h: 0 };

function floor() {
  const prices = new Map([[MODEL, [3, 15, 0.3, 3.75, 6]]]);
  return () => {
    const rates = prices.get(MODEL);
    const { input, cacheRead, cacheWrite5m, cacheWrite1h, output } = USAGE;
    const fresh = input - cacheRead - cacheWrite5m - cacheWrite1h;
    const cached = cacheRead * rates[2] + cacheWrite5m * rates[3] + cacheWrite1h * rates[4];
    return (fresh * rates[0] + output * rates[1] + cached) / 1e6;
  };
}

/** One function per engine; making it loads nothing but that engine. */
const MAKERS = {
  tokenmeter: async () => {
    const { createPricer } = await import('../../packages/pricing/dist/index.mjs');
    const pricer = createPricer();
    return (model) => pricer.price(request(model)).usd ?? 0;
  },
  '@pydantic/genai-prices': async () => {
    const { calcPrice } = await import('@pydantic/genai-prices');
    const usage = {
      input_tokens: 50_000,
      cache_read_tokens: 30_000,
      cache_write_tokens: 10_000,
      output_tokens: 1500,
    };
    const options = { providerId: 'anthropic', timestamp: new Date(AT) };
    return (model) => calcPrice(usage, model, options)?.total_price ?? 0;
  },
  tokenlens: async () => {
    const { getTokenCosts } = await import('tokenlens');
    const usage = { inputTokens: 10_000, outputTokens: 1500, cacheReads: 30_000, cacheWrites: 10_000 };
    return (model) => {
      const modelId = model === MODEL ? 'anthropic:claude-sonnet-4-20250514' : `anthropic:${model}`;
      return getTokenCosts({ modelId, usage }).totalUSD ?? 0;
    };
  },
  'ai-sdk-cost-calculator': async () => {
    const { calculateCost } = await import('ai-sdk-cost-calculator');
    const usage = {
      inputTokens: 50_000,
      outputTokens: 1500,
      totalTokens: 51_500,
      inputTokenDetails: { noCacheTokens: 10_000, cacheReadTokens: 30_000, cacheWriteTokens: 10_000 },
      outputTokenDetails: {},
    };
    return (model) => {
      try {
        return calculateCost({ model, usage }).totalCost;
      } catch {
        return 0;
      }
    };
  },
};

function request(requestModel) {
  return { provider: 'anthropic', requestModel, report: { usage: USAGE, context: {}, flags: [] }, at: AT };
}

export async function contenders() {
  const { createPricer } = await import('../../packages/pricing/dist/index.mjs');
  const pricer = createPricer();
  const result = {
    [FLOOR]: floor(),
    'tokenmeter, amount only': () => pricer.priceAmount('anthropic', MODEL, USAGE, AT),
    'tokenmeter, full result': () => pricer.price(request(MODEL)).usd,
    'tokenmeter, full result and its parts': () => {
      const { usd, parts } = pricer.price(request(MODEL));
      return parts.input > 0n ? usd : 0;
    },
  };
  for (const name of Object.keys(MAKERS).slice(1)) {
    const engine = await MAKERS[name]();
    result[name] = () => engine(MODEL);
  }
  return result;
}

export async function unknownModel() {
  const result = {};
  for (const [name, make] of Object.entries(MAKERS)) {
    const engine = await make();
    result[name] = () => engine(UNKNOWN);
  }
  return result;
}

/** Loads one engine and prices the call once. */
export async function loadAndPrice(name) {
  const start = performance.now();
  const engine = await MAKERS[name]();
  const imported = performance.now();
  const usd = engine(MODEL);
  return { imported: imported - start, first: performance.now() - imported, usd };
}
