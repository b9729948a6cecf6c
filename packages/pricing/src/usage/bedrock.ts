/**
 * Amazon Bedrock. Converse has one usage for all models, with cache reads and writes outside `inputTokens`; InvokeModel
 * passes the body of the model's maker through; its headers and last stream chunk count for any model.
 */
import type { UsageReport } from '../types.ts';
import { anthropicMessages } from './anthropic.ts';
import { cohereUsage } from './cohere.ts';
import { meterAt } from './draft.ts';
import type { Field } from './level.ts';
import { openaiResponses } from './openai.ts';
import { at, get, type Path, path } from './read.ts';
import type { Convention } from './settle.ts';
import { byKind, field, INCLUSIVE, PLAIN, places, reader, type Tally, type UsageReader } from './shape.ts';

const CACHE_OUTSIDE: Convention = { cache: 'outside', reasoning: 'inside' };

const WRITES: Tally = {
  list: places('cacheDetails'),
  meters: byKind({ '5m': 'cacheWrite5m', '1h': 'cacheWrite1h' }),
  kind: ['ttl'],
  count: ['inputTokens'],
};

/** Converse, or the `metadata` event that ends its stream; Nova's InvokeModel body too. */
export const bedrockConverse: UsageReader = reader({
  ...CACHE_OUTSIDE,
  containers: places('', 'metadata'),
  usage: places('usage'),
  fields: [
    field('input', 'inputTokens'),
    field('output', 'outputTokens'),
    field('cacheRead', 'cacheReadInputTokens'),
    field('cacheWrite', 'cacheWriteInputTokens'),
  ],
  tallies: [WRITES],
  context: [
    { key: 'serviceTier', places: places('serviceTier.type') },
    { key: 'speed', places: places('performanceConfig.latency') },
  ],
});

const INVOCATION_METRICS = 'amazon-bedrock-invocationMetrics';

const invocationMetrics: UsageReader = reader({
  ...CACHE_OUTSIDE,
  containers: PLAIN,
  usage: places(INVOCATION_METRICS),
  fields: [
    field('input', 'inputTokenCount'),
    field('output', 'outputTokenCount'),
    field('cacheRead', 'cacheReadInputTokenCount'),
    field('cacheWrite', 'cacheWriteInputTokenCount'),
  ],
});

const llama: UsageReader = reader({
  ...INCLUSIVE,
  containers: PLAIN,
  usage: PLAIN,
  fields: [field('input', 'prompt_token_count'), field('output', 'generation_token_count')],
});

const titan: UsageReader = reader({
  ...INCLUSIVE,
  containers: PLAIN,
  usage: PLAIN,
  fields: [field('input', 'inputTextTokenCount'), field('output', 'totalOutputTextTokenCount')],
  tallies: [{ list: places('results'), meters: meterAt('output'), count: ['tokenCount'] }],
});

/** The makers' bodies, told apart by a field that only they have; Anthropic gives no total. */
const FAMILIES: readonly (readonly [mark: Path, read: UsageReader])[] = [
  [path('usage.inputTokens'), bedrockConverse],
  [path('usage.total_tokens'), openaiResponses],
  [path('usage.prompt_tokens'), openaiResponses],
  [path('usage.input_tokens'), anthropicMessages],
  [path('message.usage.input_tokens'), anthropicMessages],
  [path('meta.billed_units'), cohereUsage],
  [path('prompt_token_count'), llama],
  [path('inputTextTokenCount'), titan],
  [[INVOCATION_METRICS], invocationMetrics],
];

/**
 * The parsed body of InvokeModel, or the chunks of its stream merged as the model's maker says. Headers count for models
 * whose bodies do not, and name the tier.
 */
export const bedrockInvokeModel: UsageReader = (body, headers) => {
  const counted = readHeaders(headers);
  const read = FAMILIES.find(([mark]) => (at(body, mark) ?? undefined) !== undefined)?.[1];
  const report = read?.(body);
  if (report === undefined || counted === undefined) return report ?? counted;
  return { ...report, context: { ...counted.context, ...report.context } };
};

const HEADER_FIELDS: readonly Field[] = [
  field('input', 'x-amzn-bedrock-input-token-count'),
  field('output', 'x-amzn-bedrock-output-token-count'),
  field('cacheRead', 'x-amzn-bedrock-cache-read-input-token-count'),
  field('cacheWrite', 'x-amzn-bedrock-cache-write-input-token-count'),
];
const HEADER_COUNTS = HEADER_FIELDS.flatMap(({ keys }) => keys);

const headerReader: UsageReader = reader({
  ...CACHE_OUTSIDE,
  containers: PLAIN,
  usage: places('counts'),
  fields: HEADER_FIELDS,
  context: [
    { key: 'serviceTier', places: [['headers', 'x-amzn-bedrock-service-tier']] },
    { key: 'speed', places: [['headers', 'x-amzn-bedrock-performanceconfig-latency']] },
  ],
});

function readHeaders(headers: unknown): UsageReport | undefined {
  if (headers === undefined) return undefined;
  const counts: Record<string, unknown> = {};
  for (const name of HEADER_COUNTS) {
    const value = get(headers, name);
    if (value !== undefined) counts[name] = typeof value === 'string' && value !== '' ? Number(value) : value;
  }
  return headerReader({ counts, headers });
}
