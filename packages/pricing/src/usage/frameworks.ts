/** Usage as frameworks put it, whatever the provider: for calls of which nothing else is seen. */
import { field, group, INCLUSIVE, PLAIN, places, reader, type UsageReader } from './shape.ts';

/**
 * LangChain's `usage_metadata` of a message. It has no word for how long a cache write lives.
 * @see https://reference.langchain.com/javascript/langchain-core/messages/UsageMetadata
 */
export const langchainUsage: UsageReader = reader({
  ...INCLUSIVE,
  containers: PLAIN,
  usage: places('usage_metadata'),
  fields: [field('input', 'input_tokens'), field('output', 'output_tokens')],
  groups: [
    group(
      ['input_token_details'],
      [
        field('cacheRead', 'cache_read'),
        field('cacheWrite', 'cache_creation'),
        field('audioInput', 'audio'),
        field('imageInput', 'image'),
        field('videoInput', 'video'),
      ],
    ),
    group(
      ['output_token_details'],
      [
        field('reasoning', 'reasoning'),
        field('audioOutput', 'audio'),
        field('imageOutput', 'image'),
        field('videoOutput', 'video'),
      ],
    ),
  ],
});

const AI_SDK = { ...INCLUSIVE, containers: PLAIN, usage: places('usage') };

/** Embeddings say `tokens`. */
const aiSdkNumbers: UsageReader = reader({
  ...AI_SDK,
  fields: [
    field('input', 'inputTokens', 'tokens'),
    field('output', 'outputTokens'),
    field('cacheRead', 'cachedInputTokens'),
    field('reasoning', 'reasoningTokens'),
  ],
});

const aiSdkTotals: UsageReader = reader({
  ...AI_SDK,
  fields: [],
  groups: [
    group(
      ['inputTokens'],
      [field('input', 'total'), field('cacheRead', 'cacheRead'), field('cacheWrite', 'cacheWrite')],
    ),
    group(['outputTokens'], [field('output', 'total'), field('reasoning', 'reasoning')]),
  ],
});

/**
 * The Vercel AI SDK's `usage` of a model's answer: numbers in specification 2, where the provider's package decides whether
 * `inputTokens` contains cached ones (OpenAI's and Google's do); totals with their parts since specification 3.
 */
export const aiSdkUsage: UsageReader = (body) => {
  const { usage } = body as { usage?: { inputTokens?: unknown } };
  return typeof usage?.inputTokens === 'object' ? aiSdkTotals(body) : aiSdkNumbers(body);
};
