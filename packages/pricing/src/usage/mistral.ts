import { openaiLike } from './openai.ts';
import { field, INCLUSIVE, places, reader, type UsageReader } from './shape.ts';

/** Mistral: OpenAI's shape, audio by the second, and an older name for cached tokens. Stream events wrap the chunk in `data`. */
export const mistralChat: UsageReader = reader(
  openaiLike({
    containers: places('', 'data', 'response.body'),
    fields: [field('inputAudioSeconds', 'prompt_audio_seconds'), field('cacheRead', 'num_cached_tokens')],
    context: [{ key: 'serviceTier', places: places('usage.service_tier', 'usage.serviceTier', 'service_tier') }],
  }),
);

/** Document recognition: by the page. */
export const mistralOcr: UsageReader = reader({
  ...INCLUSIVE,
  containers: places(''),
  usage: places('usage_info', 'usageInfo'),
  fields: [field('pages', 'pages_processed')],
});
