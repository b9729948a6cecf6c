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
