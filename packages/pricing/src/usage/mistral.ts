import { openaiLike } from './openai.ts';
import { field, group, INCLUSIVE, PLAIN, places, reader, type UsageReader } from './shape.ts';

/**
 * Mistral: OpenAI's shape, audio by the second, details also in the singular. Stream events wrap the chunk in `data`.
 *
 * `num_cached_tokens` is not read: it counts hits to the token, and bodies have it that were billed in full; what is
 * billed as cached comes in blocks of 64 and stands in the details.
 */
export const mistralChat: UsageReader = reader(
  openaiLike({
    containers: places('', 'data', 'response.body'),
    fields: [field('inputAudioSeconds', 'prompt_audio_seconds')],
    groups: [group(['prompt_token_details'], [field('cacheRead', 'cached_tokens')])],
    context: [{ key: 'serviceTier', places: places('usage.service_tier', 'usage.serviceTier', 'service_tier') }],
  }),
);

/** Document recognition: by the page. */
export const mistralOcr: UsageReader = reader({
  ...INCLUSIVE,
  containers: PLAIN,
  usage: places('usage_info', 'usageInfo'),
  fields: [field('pages', 'pages_processed')],
});
